#include "tactics/problem.h"
#include "testing.h"

namespace tenon::testing {
namespace {

TEST(Problem, TextParsesBackToItself) {
    for (const char* text : {
             "Relu(float32[2,3])",
             "Conv(float32[1,3,8,8], const float32[4,3,3,3], _) group=1 pads=[1,1,1,1]",
             "Reshape(float32[2,12], int64[2]{4,-1}) allowzero=0",
             "com.acme::Foo@3(float16[]) alpha=0.5 mode=\"a \\\"b\\\"\" names=[\"x\",\"y\"] t=int64[2]{1,2} v=[0.5,1.0] -> 2",
             "MaxPool(float32[1,1,4,4]) kernel_shape=[2,2] -> y_",
             "Add(float32[0,3], float32[3])",
         }) {
        const std::string once = parseProblem(text).toString();
        EXPECT_EQ(parseProblem(once).toString(), once);
    }
    EXPECT_EQ(parseProblem("Relu( float32[2, 3] )").toString(), "Relu(float32[2,3])");
}

TEST(Problem, BadTextShowsWhereItBreaks) {
    for (const char* text :
         {"", "Relu", "Relu(", "Relu(float33[1])", "Relu(float32[1)", "Relu(float32[-1])", "Relu(float32[1]) a",
          "Relu(float32[1]) a=", "Relu(float32[1]) a=1 a=2", "Relu(int64[2]{1})", "Relu(int64[1]{1,2})", "Relu(float32[1]) -> 0",
          "Relu(float32[1]) a=\"x", "Relu(float32[99999999999999999999])"})
        EXPECT_CONTAINS(errorOf([&] { parseProblem(text); }), "<HERE>") << text;
}

}  // namespace
}  // namespace tenon::testing
