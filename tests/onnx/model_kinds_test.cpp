// Small models of kinds that other tests do not have: trees, text, maps. They need the families ml and text.
#include "onnx_testing.h"

namespace tenon::testing {
namespace {

TensorValue texts(const Dims& dims, const std::vector<std::string>& values) {
    std::vector<abi::StringRef> refs;
    for (const std::string& v : values)
        refs.push_back({v.data(), v.size()});
    return ownedCopy({DataType::string, dims, Blob::view(refs.data(), refs.size() * sizeof(abi::StringRef), nullptr)});
}

std::vector<std::string> toTexts(const TensorValue& v) {
    std::vector<std::string> list;
    const auto* refs = reinterpret_cast<const abi::StringRef*>(v.data.data());
    for (std::int64_t i = 0; i < elementCount(v.dims); ++i)
        list.emplace_back(refs[i].data, refs[i].size);
    return list;
}

template <class T>
void setList(onnx::NodeProto& node, const std::string& name, const std::vector<T>& values) {
    auto* a = node.add_attribute();
    a->set_name(name);
    for (const T& v : values) {
        if constexpr (std::is_same_v<T, float>) a->set_type(onnx::AttributeProto::FLOATS), a->add_floats(v);
        else if constexpr (std::is_same_v<T, std::int64_t>) a->set_type(onnx::AttributeProto::INTS), a->add_ints(v);
        else a->set_type(onnx::AttributeProto::STRINGS), a->add_strings(v);
    }
}

onnx::ModelProto mlModel(int mlVersion, const std::string& text) {
    onnx::ModelProto m = model(17, text);
    auto* opset = m.add_opset_import();
    opset->set_domain("ai.onnx.ml");
    opset->set_version(mlVersion);
    return m;
}

BuilderOptions rows(std::int64_t most) {
    BuilderOptions options = quick();
    options.profile.shapes["x"] = {{0, 2}, {2, 2}, {most, 2}};
    return options;
}

TEST(ModelKinds, TreeEnsemblesClassifyAnyNumberOfRowsIntoMaps) {
    onnx::ModelProto m =
        mlModel(3, "g (float[n, 2] x) => (string[n] label, float[n, 2] scores) { label, scores = TreeEnsembleClassifier(x) }");
    auto& node = *m.mutable_graph()->mutable_node(0);
    node.set_domain("ai.onnx.ml");
    setList<std::int64_t>(node, "nodes_treeids", {0, 0, 0});
    setList<std::int64_t>(node, "nodes_nodeids", {0, 1, 2});
    setList<std::int64_t>(node, "nodes_featureids", {1, 0, 0});
    setList<float>(node, "nodes_values", {0.5F, 0, 0});
    setList<std::string>(node, "nodes_modes", {"BRANCH_LEQ", "LEAF", "LEAF"});
    setList<std::int64_t>(node, "nodes_truenodeids", {1, 0, 0});
    setList<std::int64_t>(node, "nodes_falsenodeids", {2, 0, 0});
    setList<std::int64_t>(node, "class_treeids", {0, 0, 0, 0});
    setList<std::int64_t>(node, "class_nodeids", {1, 1, 2, 2});
    setList<std::int64_t>(node, "class_ids", {0, 1, 0, 1});
    setList<float>(node, "class_weights", {0.9F, 0.1F, 0.2F, 0.8F});
    setList<std::string>(node, "classlabels_strings", {"no", "yes"});
    auto* zip = m.mutable_graph()->add_node();
    zip->set_op_type("ZipMap");
    zip->set_domain("ai.onnx.ml");
    zip->add_input("scores");
    zip->add_output("maps");
    setList<std::string>(*zip, "classlabels_strings", {"no", "yes"});
    m.mutable_graph()->add_output()->set_name("maps");
    const Engine engine = build(import(m), rows(8));
    const auto context = engine.createContext();
    for (const std::int64_t n : {1, 3, 8}) {
        const auto y = context->run({floats({n, 2}, Floats(static_cast<std::size_t>(2 * n), 0.7F))});
        EXPECT_EQ(toTexts(y[0]), std::vector<std::string>(static_cast<std::size_t>(n), "yes"));
        EXPECT_EQ(y[1].dims, (Dims{n, 2}));
        const auto maps = itemsOf(y[2]);
        ASSERT_EQ(maps.size(), static_cast<std::size_t>(n));
        EXPECT_EQ(toTexts(itemsOf(maps[0])[0]), (Names{"no", "yes"}));
        EXPECT_FLOAT_EQ(toFloats(itemsOf(maps[0])[1])[1], 0.8F);
    }
}

TEST(ModelKinds, TextIsNormalizedJoinedAndCounted) {
    onnx::ModelProto m = model(20, R"(g (string[n] x, string[1] tail) => (string[k] y, float[v] counts) {
        a = StringNormalizer<case_change_action = "LOWER", is_case_sensitive = 1>(x)
        y = StringConcat(a, tail)
        counts = TfIdfVectorizer<mode = "TF", min_gram_length = 1, max_gram_length = 1, max_skip_count = 0, ngram_counts = [0],
                                 ngram_indexes = [1, 0], pool_strings = ["one", "two"]>(a) })");
    BuilderOptions options = quick();
    options.profile.shapes["x"] = {{1}, {2}, {5}};
    const auto context = build(import(m), options).createContext();
    const auto y = context->run({texts({3}, {"One", "TWO", "one"}), texts({1}, {"!"})});
    EXPECT_EQ(toTexts(y[0]), (Names{"one!", "two!", "one!"}));
    EXPECT_EQ(toFloats(y[1]), (Floats{1, 2}));
    EXPECT_EQ(toTexts(context->run({texts({1}, {"\xC3\x84hre"}), texts({1}, {""})})[0]), Names{"\xC3\xA4hre"});
}

TEST(ModelKinds, StringConstantsSurviveThePlan) {
    const auto y = build(import(model(13, R"(g (int64[n] i) => (string[n] y) {
        words = Constant<value_strings = ["zero", "", "two"]>() y = Gather(words, i) })")))
                       .createContext();
    y->setInputShape("i", {1});
    const std::int64_t two = 2;
    EXPECT_EQ(toTexts(y->run({{DataType::i64, {1}, Blob::copyOf(&two, sizeof two)}})[0]), Names{"two"});
}

}  // namespace
}  // namespace tenon::testing
