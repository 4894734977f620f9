#include "expressions.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace tenon::check {

namespace {
std::optional<std::int64_t> divide(std::int64_t a, std::int64_t b, bool up) {
    if (b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min())) return std::nullopt;
    const std::int64_t quotient = a / b;
    const bool isExact = a % b == 0, isNegative = (a < 0) != (b < 0);
    if (isExact) return quotient;
    return up ? quotient + (isNegative ? 0 : 1) : quotient - (isNegative ? 1 : 0);
}

std::optional<std::int64_t> fold(abi::DimOp op, std::int64_t a, std::int64_t b) {
    std::int64_t r = 0;
    switch (op) {
        case abi::DimOp::sum: return __builtin_add_overflow(a, b, &r) ? std::nullopt : std::optional(r);
        case abi::DimOp::sub: return __builtin_sub_overflow(a, b, &r) ? std::nullopt : std::optional(r);
        case abi::DimOp::prod: return __builtin_mul_overflow(a, b, &r) ? std::nullopt : std::optional(r);
        case abi::DimOp::floorDiv: return divide(a, b, false);
        case abi::DimOp::ceilDiv: return divide(a, b, true);
        case abi::DimOp::max: return std::max(a, b);
        case abi::DimOp::min: return std::min(a, b);
        case abi::DimOp::equal: return a == b ? 1 : 0;
        case abi::DimOp::less: return a < b ? 1 : 0;
    }
    return std::nullopt;
}
}  // namespace

const abi::IDimExpr* Expressions::constant(std::int64_t value) noexcept { return &expressions_.emplace_back(true, value); }

const abi::IDimExpr* Expressions::operation(abi::DimOp op, const abi::IDimExpr* a, const abi::IDimExpr* b) noexcept {
    if (a == nullptr || b == nullptr) return nullptr;
    if (!a->isConstant() || !b->isConstant()) return symbol();
    const auto value = fold(op, a->constantValue(), b->constantValue());
    return value ? constant(*value) : nullptr;
}

const abi::IDimExpr** Expressions::values(std::int64_t count) noexcept {
    constexpr std::int64_t kMost = 1 << 20;
    if (count < 0 || count > kMost) return nullptr;
    return values_.emplace_back(static_cast<std::size_t>(std::max<std::int64_t>(count, 1))).data();
}

const abi::IDimExpr* Expressions::symbol() { return &expressions_.emplace_back(false, 0); }

}  // namespace tenon::check
