// A builder of dimension expressions: folds constants; everything else is opaque.
#pragma once

#include <tenon/abi/expr.h>

#include <deque>
#include <memory>
#include <vector>

namespace tenon::check {

class Expressions final : public abi::IExprBuilder {
public:
    const abi::IDimExpr* constant(std::int64_t value) noexcept override;
    const abi::IDimExpr* operation(abi::DimOp op, const abi::IDimExpr* a, const abi::IDimExpr* b) noexcept override;
    const abi::IDimExpr** values(std::int64_t count) noexcept override;
    // A dimension whose value is not known while building.
    const abi::IDimExpr* symbol();

private:
    struct Expression final : abi::IDimExpr {
        Expression(bool isKnown, std::int64_t number) : known(isKnown), value(number) {}
        bool isConstant() const noexcept override { return known; }
        std::int64_t constantValue() const noexcept override { return value; }
        bool known;
        std::int64_t value;
    };
    std::deque<Expression> expressions_;
    std::deque<std::vector<const abi::IDimExpr*>> values_;
};

}  // namespace tenon::check
