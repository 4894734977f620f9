// Tensors that lie about themselves, dense and sparse.
#include "hostile_testing.h"

namespace tenon::testing {
namespace {

using HostileTensor = Hostile;

std::string refusedInitializer(const onnx::TensorProto& w) {
    onnx::ModelProto m = addModel();
    *m.mutable_graph()->add_initializer() = w;
    return importError(m);
}

TEST_F(HostileTensor, WithImpossibleDimsIsRefused) {
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {-1})), "negative");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {INT64_MIN, 2})), "negative");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {INT64_MAX, INT64_MAX})), "initializer 'w'");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {INT64_MAX})), "initializer 'w'");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {1LL << 32, 1LL << 32})), "initializer 'w'");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {1LL << 61})), "initializer 'w'");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {1LL << 40})), "0 are given");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, {INT64_MAX, INT64_MAX, 0})), "initializer 'w'");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, std::vector<std::int64_t>(17, 1))), "17 dimensions");
    EXPECT_CONTAINS(refusedInitializer(tensor("w", 1, std::vector<std::int64_t>(100000, 1))), "100000 dimensions");
    for (const std::int32_t complexOrText : {8, 14, 15})
        EXPECT_CONTAINS(refusedInitializer(tensor("w", complexOrText, {1LL << 62})), "initializer 'w'");
}

TEST_F(HostileTensor, OfUnknownTypeIsRefused) {
    for (const std::int32_t type : {0, -1, 99, INT32_MAX, INT32_MIN})
        EXPECT_CONTAINS(refusedInitializer(tensor("w", type, {2})), "data type code " + std::to_string(type) + " is unknown");
}

TEST_F(HostileTensor, WithAnotherNumberOfValuesIsRefused) {
    onnx::TensorProto w = tensor("w", 1, {2});
    w.add_float_data(1);
    EXPECT_CONTAINS(refusedInitializer(w), "shape [2] needs 2 values, 1 are given");
    w.add_float_data(1);
    w.add_float_data(1);
    EXPECT_CONTAINS(refusedInitializer(w), "3 are given");
    w = tensor("w", 1, {2});
    w.set_raw_data("1234567");
    EXPECT_CONTAINS(refusedInitializer(w), "needs 8 bytes, 7 are given");
    w = tensor("w", 8, {2});
    w.add_string_data("a");
    EXPECT_CONTAINS(refusedInitializer(w), "1 are given");
    w = tensor("w", 1, {2});
    w.add_int64_data(1);
    w.add_int64_data(2);
    EXPECT_CONTAINS(refusedInitializer(w), "0 are given");  // of the field of its type
}

TEST_F(HostileTensor, WithDataInTwoPlacesIsRefused) {
    onnx::TensorProto w = tensor("w", 1, {2});
    w.set_raw_data(std::string(8, '\0'));
    w.add_float_data(1);
    w.add_float_data(1);
    EXPECT_CONTAINS(refusedInitializer(w), "two places");
    w.clear_float_data();
    w.set_data_location(onnx::TensorProto::EXTERNAL);
    EXPECT_CONTAINS(refusedInitializer(w), "two places");
    w = tensor("w", 8, {2});
    w.set_raw_data("ab");
    EXPECT_CONTAINS(refusedInitializer(w), "initializer 'w'");
    w = tensor("w", 8, {2});
    w.set_data_location(onnx::TensorProto::EXTERNAL);
    EXPECT_CONTAINS(refusedInitializer(w), "initializer 'w'");
}

TEST_F(HostileTensor, InAnAttributeIsRefusedWithItsNode) {
    onnx::ModelProto m = model(13, "g (float[2] x) => (float[2] y) { y = Relu(x) }");
    auto* a = m.mutable_graph()->mutable_node(0)->add_attribute();
    a->set_name("extra");
    a->set_type(onnx::AttributeProto::TENSOR);
    *a->mutable_t() = tensor("t", 1, {-3});
    EXPECT_CONTAINS(importError(m), "node 0 (Relu): attribute 'extra'");
}

TEST_F(HostileTensor, OfHostileNameIsNamedSafely) {
    EXPECT_CONTAINS(refusedInitializer(tensor("w\x1b[2J\n", 99, {2})), "'w\\x1b[2J\\x0a'");
    const std::string text = refusedInitializer(tensor(std::string(1 << 20, 'w'), 99, {2}));
    EXPECT_LT(text.size(), 2000U);
}

// Two values of a [2, 3] tensor; indices of rank 1 unless `rank` is 2.
onnx::ModelProto sparse(const std::vector<std::int64_t>& indices, std::vector<std::int64_t> indexDims = {},
                        const std::vector<std::int64_t>& dims = {2, 3}) {
    onnx::ModelProto m = model(13, "g (float[2, 3] x) => (float[2, 3] y) { y = Add(x, w) }");
    auto* w = m.mutable_graph()->add_sparse_initializer();
    for (const std::int64_t d : dims)
        w->add_dims(d);
    *w->mutable_values() = tensor("w", 1, {2});
    w->mutable_values()->add_float_data(5);
    w->mutable_values()->add_float_data(7);
    if (indexDims.empty()) indexDims = {static_cast<std::int64_t>(indices.size())};
    *w->mutable_indices() = tensor("", 7, indexDims);
    for (const std::int64_t i : indices)
        w->mutable_indices()->add_int64_data(i);
    return m;
}
Floats sum(const onnx::ModelProto& m) { return toFloats(run(m, {floats({2, 3}, {0, 0, 0, 0, 0, 0})}).at(0)); }

TEST_F(HostileTensor, ThatIsSparseIsExpanded) {
    EXPECT_EQ(sum(sparse({1, 5})), (Floats{0, 5, 0, 0, 0, 7}));
    EXPECT_EQ(sum(sparse({0, 2, 1, 0}, {2, 2})), (Floats{0, 0, 5, 7, 0, 0}));
}

TEST_F(HostileTensor, ThatIsSparseMustHaveIndicesInside) {
    for (const std::int64_t outside : {std::int64_t{-1}, std::int64_t{6}, INT64_MAX, INT64_MIN})
        EXPECT_CONTAINS(importError(sparse({0, outside})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 0, 0, 3}, {2, 2})), "outside");
    EXPECT_CONTAINS(importError(sparse({0, 0, -1, 3}, {2, 2})), "outside");
}

TEST_F(HostileTensor, ThatIsSparseMustHaveAscendingIndices) {
    EXPECT_CONTAINS(importError(sparse({5, 1})), "ascending");
    EXPECT_CONTAINS(importError(sparse({1, 1})), "ascending");
    EXPECT_CONTAINS(importError(sparse({1, 0, 0, 2}, {2, 2})), "ascending");
}

TEST_F(HostileTensor, ThatIsSparseMustHaveIndicesOfItsRank) {
    EXPECT_CONTAINS(importError(sparse({1})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({1, 2, 3})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 1, 0, 0, 1, 0}, {2, 3})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 2, 1, 0}, {2, 2}, {6})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 1}, {1, 2})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 1}, {1, 2, 1})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 1}, {}, {-2, -3})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 1}, {}, {INT64_MAX, INT64_MAX})), "sparse initializer 'w'");
    EXPECT_CONTAINS(importError(sparse({0, 1}, {}, std::vector<std::int64_t>(64, 1))), "64 dimensions");
    onnx::ModelProto m = sparse({0, 1});
    m.mutable_graph()->mutable_sparse_initializer(0)->mutable_indices()->set_data_type(6);
    EXPECT_CONTAINS(importError(m), "sparse initializer 'w'");
    m = sparse({0, 1});
    m.mutable_graph()->mutable_sparse_initializer(0)->mutable_values()->clear_dims();
    EXPECT_CONTAINS(importError(m), "sparse initializer 'w'");
    m.mutable_graph()->mutable_sparse_initializer(0)->Clear();
    EXPECT_CONTAINS(importError(m), "sparse initializer ''");
}

TEST_F(HostileTensor, ThatIsSparseHasALimit) {
    EXPECT_CONTAINS(importError(sparse({0, 1}, {}, {1 << 20, 1 << 20})), "sparse initializer 'w'");
    onnx::ModelProto m = sparse({0, 1}, {}, {1 << 20, 4});  // each of these is small enough
    const onnx::SparseTensorProto one = m.graph().sparse_initializer(0);
    for (int i = 0; i < 1000; ++i) {
        auto* another = m.mutable_graph()->add_sparse_initializer();
        *another = one;
        another->mutable_values()->set_name("w" + std::to_string(i));
    }
    EXPECT_CONTAINS(importError(m), "sparse");
}

}  // namespace
}  // namespace tenon::testing
