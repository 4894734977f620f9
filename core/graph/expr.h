// Integer expressions over named dimensions, interned: equal expressions are the same object.
#pragma once

#include <tenon/abi/expr.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace tenon {

class Expr final : public abi::IDimExpr {
public:
    enum class Kind { constant, symbol, operation };
    Kind kind = Kind::constant;
    std::int64_t value = 0;  // constant
    std::string name;        // symbol
    abi::DimOp op = abi::DimOp::sum;
    const Expr* a = nullptr;
    const Expr* b = nullptr;
    std::size_t size = 1;     // nodes, counting shared ones each time: what evaluating or printing costs
    std::uint64_t order = 0;  // creation number: a stable order of operands

    bool isConstant() const noexcept override { return kind == Kind::constant; }
    std::int64_t constantValue() const noexcept override { return value; }
    std::string toString() const;
};

// Owns expressions. One of more than kMostNodes nodes becomes null, which is unknown; so shapes that double stay small.  [one
// thread]
class ExprPool final : public abi::IExprBuilder {
public:
    static constexpr std::size_t kMostNodes = 256;
    static constexpr std::int64_t kMostValues = 1 << 24;  // of all calls of values()
    const Expr* constant(std::int64_t value) noexcept override;
    const Expr* symbol(const std::string& name);
    const Expr* operation(abi::DimOp op, const abi::IDimExpr* a, const abi::IDimExpr* b) noexcept override;
    const abi::IDimExpr** values(std::int64_t count) noexcept override;
    // A symbol that no one else has: a dimension of which nothing is known yet.
    const Expr* fresh(const std::string& hint);
    // The value with symbols bound; nullopt when one is unbound or a division by zero or an overflow occurs.
    static std::optional<std::int64_t> evaluate(const Expr* e, const std::map<std::string, std::int64_t>& symbols);

private:
    using Key = std::tuple<abi::DimOp, const Expr*, const Expr*>;
    const Expr* intern(abi::DimOp op, const Expr* a, const Expr* b);
    const Expr* simplify(abi::DimOp op, const Expr* a, const Expr* b);
    std::deque<Expr> expressions_;
    std::map<std::int64_t, const Expr*> constants_;
    std::map<std::string, const Expr*> symbols_;
    std::map<Key, const Expr*> operations_;
    std::deque<std::vector<const abi::IDimExpr*>> values_;
    std::int64_t valueCount_ = 0;
    int freshCount_ = 0;
};

}  // namespace tenon
