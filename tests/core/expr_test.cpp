#include "graph/expr.h"
#include "testing.h"

namespace tenon::testing {
namespace {
using abi::DimOp;

TEST(Expr, EqualExpressionsAreOneObject) {
    ExprPool p;
    const Expr* n = p.symbol("n");
    const Expr* m = p.symbol("m");
    EXPECT_EQ(p.operation(DimOp::prod, n, m), p.operation(DimOp::prod, m, n));
    EXPECT_EQ(p.operation(DimOp::sum, p.operation(DimOp::sum, n, p.constant(1)), p.constant(2)),
              p.operation(DimOp::sum, p.constant(3), n));
}

TEST(Expr, SimplifiesReshapeArithmetic) {
    ExprPool p;
    const Expr* n = p.symbol("n");
    const Expr* total = p.operation(DimOp::prod, n, p.constant(768));
    EXPECT_EQ(p.operation(DimOp::floorDiv, total, p.constant(768)), n);
    EXPECT_EQ(p.operation(DimOp::floorDiv, total, p.constant(64)), p.operation(DimOp::prod, n, p.constant(12)));
    EXPECT_EQ(p.operation(DimOp::sub, n, n), p.constant(0));
}

TEST(Expr, OverflowAndDivisionByZeroAreUnknown) {
    ExprPool p;
    EXPECT_EQ(p.operation(DimOp::prod, p.constant(INT64_MAX), p.constant(2)), nullptr);
    EXPECT_EQ(p.operation(DimOp::floorDiv, p.constant(1), p.constant(0)), nullptr);
    EXPECT_EQ(p.values(-1), nullptr);
}

TEST(Expr, EvaluatesWithBoundSymbols) {
    ExprPool p;
    const Expr* e = p.operation(DimOp::ceilDiv, p.operation(DimOp::sum, p.symbol("n"), p.constant(1)), p.constant(2));
    EXPECT_EQ(ExprPool::evaluate(e, {{"n", 6}}), 4);
    EXPECT_EQ(ExprPool::evaluate(e, {}), std::nullopt);
}

}  // namespace
}  // namespace tenon::testing
