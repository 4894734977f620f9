// Symbolic dimensions: what shape rules compute with.
#pragma once

#include <tenon/abi/types.h>

namespace tenon::abi {

enum class DimOp : int32_t { sum, sub, prod, floorDiv, ceilDiv, max, min, equal, less };

// An immutable integer expression over the network's named dimensions. Owned by the builder that made it and
// valid until the shape query that it belongs to returns.  [build thread, or the context's thread]
class IDimExpr {
public:
    virtual bool isConstant() const noexcept = 0;
    virtual int64_t constantValue() const noexcept = 0;  // only when isConstant()

protected:
    ~IDimExpr() = default;
};

// Makes expressions; results that are constant are folded.  [the thread of the shape query]
class IExprBuilder {
public:
    virtual const IDimExpr* constant(int64_t value) noexcept = 0;
    // Division by zero gives an unknown: null.
    virtual const IDimExpr* operation(DimOp op, const IDimExpr* a, const IDimExpr* b) noexcept = 0;
    // Room for `count` value expressions, all null; lives as long as the builder. Null when count is unreasonable.
    virtual const IDimExpr** values(int64_t count) noexcept = 0;

protected:
    ~IExprBuilder() = default;
};

// Shape, and where known the content, of one tensor during a shape query.
struct SymbolicTensor {
    DataType type;
    int32_t rank;                   // -1: unknown
    const IDimExpr* dim[kMaxRank];  // null: unknown until the layer has run or more is known
    // Content of an integer or bool tensor as expressions: valueCount is -1 when nothing is known; single entries may be null.
    int64_t valueCount;
    const IDimExpr* const* values;
    // Content as bytes in host memory, linear layout, when it is wholly known; else null. On outputs: leave null.
    const void* data;
};

}  // namespace tenon::abi
