#include "expr.h"

#include <tenon/sdk/shape.h>

#include <algorithm>

namespace tenon {

namespace {
using abi::DimOp;

// Result of an operation on numbers; nullopt after overflow or division by zero.
std::optional<std::int64_t> compute(DimOp op, std::int64_t a, std::int64_t b) {
    std::int64_t r = 0;
    switch (op) {
        case DimOp::sum: return __builtin_add_overflow(a, b, &r) ? std::nullopt : std::optional(r);
        case DimOp::sub: return __builtin_sub_overflow(a, b, &r) ? std::nullopt : std::optional(r);
        case DimOp::prod: return __builtin_mul_overflow(a, b, &r) ? std::nullopt : std::optional(r);
        case DimOp::floorDiv:
        case DimOp::ceilDiv:
            if (b == 0 || a == INT64_MIN) return std::nullopt;
            if (b == -1) return -a;
            return op == DimOp::floorDiv ? sdk::floorDivide(a, b) : -sdk::floorDivide(-a, b);
        case DimOp::max: return std::max(a, b);
        case DimOp::min: return std::min(a, b);
        case DimOp::equal: return static_cast<std::int64_t>(a == b);
        case DimOp::less: return static_cast<std::int64_t>(a < b);
    }
    return std::nullopt;
}

bool commutes(DimOp op) {
    return op == DimOp::sum || op == DimOp::prod || op == DimOp::max || op == DimOp::min || op == DimOp::equal;
}

bool isOperation(const Expr* e, DimOp op) { return e->kind == Expr::Kind::operation && e->op == op; }
bool isValue(const Expr* e, std::int64_t v) { return e->isConstant() && e->value == v; }
}  // namespace

std::string Expr::toString() const {
    if (kind == Kind::constant) return std::to_string(value);
    if (kind == Kind::symbol) return name;
    static constexpr const char* kInfix[] = {"+", "-", "*", "/", nullptr, nullptr, nullptr, "==", "<"};
    static constexpr const char* kPrefix[] = {"", "", "", "", "ceildiv", "max", "min", "", ""};
    const auto i = static_cast<std::size_t>(op);
    if (kInfix[i] != nullptr) return "(" + a->toString() + kInfix[i] + b->toString() + ")";
    return std::string(kPrefix[i]) + "(" + a->toString() + "," + b->toString() + ")";
}

const Expr* ExprPool::constant(std::int64_t value) noexcept {
    const Expr*& slot = constants_[value];
    if (slot == nullptr) {
        Expr& e = expressions_.emplace_back();
        e.value = value;
        e.order = expressions_.size();
        slot = &e;
    }
    return slot;
}

const Expr* ExprPool::symbol(const std::string& name) {
    const Expr*& slot = symbols_[name];
    if (slot == nullptr) {
        Expr& e = expressions_.emplace_back();
        e.kind = Expr::Kind::symbol;
        e.name = name;
        e.order = expressions_.size();
        slot = &e;
    }
    return slot;
}

const Expr* ExprPool::fresh(const std::string& hint) {
    std::string name = hint;
    while (symbols_.contains(name))
        name = hint + "#" + std::to_string(++freshCount_);
    return symbol(name);
}

const Expr* ExprPool::intern(DimOp op, const Expr* a, const Expr* b) {
    const std::size_t size = 1 + a->size + b->size;
    if (size > kMostNodes) return nullptr;
    const Expr*& slot = operations_[{op, a, b}];
    if (slot == nullptr) {
        Expr& e = expressions_.emplace_back();
        e.kind = Expr::Kind::operation;
        e.op = op;
        e.a = a;
        e.b = b;
        e.size = size;
        e.order = expressions_.size();
        slot = &e;
    }
    return slot;
}

// Identities that keep the usual shape chains readable: x+0, x*1, x-x, (x*c)/c, (x+c)+d, (x*c)*d.
const Expr* ExprPool::simplify(DimOp op, const Expr* a, const Expr* b) {
    const bool divides = op == DimOp::floorDiv || op == DimOp::ceilDiv;
    if ((op == DimOp::sum || op == DimOp::sub) && isValue(b, 0)) return a;
    if ((op == DimOp::prod || divides) && isValue(b, 1)) return a;
    if (op == DimOp::prod && isValue(b, 0)) return b;
    if (a == b && (op == DimOp::max || op == DimOp::min)) return a;
    if (a == b && (op == DimOp::sub || op == DimOp::less)) return constant(0);
    if (a == b && op == DimOp::equal) return constant(1);
    if (divides && isOperation(a, DimOp::prod)) {
        if (a->b == b && b->isConstant()) return a->a;
        if (a->b->isConstant() && b->isConstant() && b->value > 0 && a->b->value % b->value == 0)
            return operation(DimOp::prod, a->a, constant(a->b->value / b->value));
    }
    const bool chain = (op == DimOp::sum || op == DimOp::prod) && isOperation(a, op) && a->b->isConstant() && b->isConstant();
    if (chain)
        if (const auto folded = compute(op, a->b->value, b->value)) return operation(op, a->a, constant(*folded));
    if (op == DimOp::sub && b->isConstant() && b->value != INT64_MIN) return operation(DimOp::sum, a, constant(-b->value));
    return nullptr;
}

const Expr* ExprPool::operation(DimOp op, const abi::IDimExpr* first, const abi::IDimExpr* second) noexcept {
    if (first == nullptr || second == nullptr) return nullptr;
    const auto* a = static_cast<const Expr*>(first);
    const auto* b = static_cast<const Expr*>(second);
    if (a->isConstant() && b->isConstant()) {
        const auto value = compute(op, a->value, b->value);
        return value ? constant(*value) : nullptr;
    }
    // constants go right, the rest in order of creation, so that a*b and b*a are one expression
    if (commutes(op) && (a->isConstant() || (!b->isConstant() && b->order < a->order))) std::swap(a, b);
    const Expr* simple = simplify(op, a, b);
    return simple != nullptr ? simple : intern(op, a, b);
}

const abi::IDimExpr** ExprPool::values(std::int64_t count) noexcept {
    if (count < 0 || count > kMostValues - valueCount_) return nullptr;
    valueCount_ += count;
    return values_.emplace_back(static_cast<std::size_t>(std::max<std::int64_t>(count, 1))).data();
}

std::optional<std::int64_t> ExprPool::evaluate(const Expr* e, const std::map<std::string, std::int64_t>& symbols) {
    if (e == nullptr) return std::nullopt;
    if (e->isConstant()) return e->value;
    if (e->kind == Expr::Kind::symbol) {
        const auto found = symbols.find(e->name);
        return found == symbols.end() ? std::nullopt : std::optional(found->second);
    }
    const auto a = evaluate(e->a, symbols), b = evaluate(e->b, symbols);
    return a && b ? compute(e->op, *a, *b) : std::nullopt;
}

}  // namespace tenon
