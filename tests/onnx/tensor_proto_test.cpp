// Every form that a TensorProto may have.
#include "onnx/tensor_proto.h"

#include <tenon/sdk/number.h>

#include <cstring>
#include <filesystem>

#include "onnx_testing.h"

namespace tenon::testing {
namespace {

onnx::TensorProto proto(DataType type, std::vector<std::int64_t> dims) {
    onnx::TensorProto p;
    p.set_name("w");
    p.set_data_type(static_cast<int>(type));
    for (const auto d : dims)
        p.add_dims(d);
    return p;
}
template <class T>
std::vector<T> elements(const TensorValue& v) {
    std::vector<T> out(v.data.size() / sizeof(T));
    if (!out.empty()) std::memcpy(out.data(), v.data.data(), v.data.size());
    return out;
}
std::string refused(const onnx::TensorProto& p) {
    return errorOf([&] { fromProto(p, {}); });
}

TEST(TensorProto, PacksSmallTypesInInt32Data) {
    struct Case {
        DataType type;
        std::int64_t count;
        std::size_t bytes;
    };
    for (const Case& c :
         {Case{DataType::f16, 3, 6}, Case{DataType::bf16, 3, 6}, Case{DataType::u8, 3, 3}, Case{DataType::i8, 3, 3},
          Case{DataType::boolean, 3, 3}, Case{DataType::f8e5m2, 3, 3}, Case{DataType::i16, 3, 6}, Case{DataType::u16, 3, 6},
          Case{DataType::i32, 3, 12}, Case{DataType::i4, 6, 3}, Case{DataType::u4, 5, 3}}) {
        onnx::TensorProto p = proto(c.type, {c.count});
        for (const int v : {1, 0, 1})
            p.add_int32_data(v);
        const TensorValue value = fromProto(p, {});
        ASSERT_EQ(value.data.size(), c.bytes) << typeName(c.type);
        EXPECT_EQ(value.data.data()[0], std::byte{1});
    }
}

TEST(TensorProto, ReadsWideTypesFromTheirOwnFields) {
    onnx::TensorProto d = proto(DataType::f64, {1}), u = proto(DataType::u64, {1}), w = proto(DataType::u32, {1}),
                      c = proto(DataType::c64, {1});
    d.add_double_data(0.1);
    u.add_uint64_data(~std::uint64_t{0});
    w.add_uint64_data(0xFFFFFFFFU);
    c.add_float_data(1);
    c.add_float_data(2);
    EXPECT_EQ(elements<double>(fromProto(d, {})), std::vector<double>{0.1});
    EXPECT_EQ(elements<std::uint64_t>(fromProto(u, {})), std::vector<std::uint64_t>{~std::uint64_t{0}});
    EXPECT_EQ(elements<std::uint32_t>(fromProto(w, {})), std::vector<std::uint32_t>{0xFFFFFFFFU});
    EXPECT_EQ(elements<float>(fromProto(c, {})), (std::vector<float>{1, 2}));
}

TEST(TensorProto, KeepsStringsAlive) {
    TensorValue value;
    {
        onnx::TensorProto p = proto(DataType::string, {2});
        p.add_string_data("a string too long to lie inside its object");
        p.add_string_data("");
        value = fromProto(p, {});
    }
    const auto* refs = reinterpret_cast<const abi::StringRef*>(value.data.data());
    EXPECT_EQ(std::string(refs[0].data, refs[0].size), "a string too long to lie inside its object");
    EXPECT_EQ(refs[1].size, 0U);
}

TEST(TensorProto, SharesLargeRawDataWithTheModel) {
    auto p = std::make_shared<onnx::TensorProto>(proto(DataType::f32, {4096}));
    p->set_raw_data(std::string(16384, 'x'));
    EXPECT_EQ(static_cast<const void*>(fromProto(*p, {"", p}).data.data()), p->raw_data().data());
}

TEST(TensorProto, RefusesWhatDoesNotFit) {
    onnx::TensorProto p = proto(DataType::f32, {3});
    p.add_float_data(1);
    EXPECT_CONTAINS(refused(p), "tensor 'w': shape [3] needs 3 values, 1 are given");
    onnx::TensorProto raw = proto(DataType::f32, {3});
    raw.set_raw_data("12345");
    EXPECT_CONTAINS(refused(raw), "needs 12 bytes, 5 are given");
    EXPECT_CONTAINS(refused(proto(DataType::f32, {-1})), "negative");
    EXPECT_CONTAINS(refused(proto(DataType::f32, {1LL << 40, 1LL << 40})), "2^63");
    EXPECT_CONTAINS(refused(proto(DataType::f64, {1LL << 60})), "address space");
    EXPECT_CONTAINS(refused(proto(DataType::f32, {1LL << 50})), "0 are given");
    EXPECT_CONTAINS(refused(proto(static_cast<DataType>(77), {1})), "77");
    EXPECT_CONTAINS(refused(proto(DataType::undefined, {1})), "0");
    EXPECT_CONTAINS(refused(proto(DataType::f32, std::vector<std::int64_t>(17, 1))), "17 dimensions");
}

TEST(TensorProto, FilesAreReadBackAsWritten) {
    const std::string path = ::testing::TempDir() + "tensor.pb";
    writeTensorProto(path, "w", floats({2, 0, 1}, {}));
    EXPECT_EQ(readTensorProto(path).dims, (Dims{2, 0, 1}));
    writeTensorProto(path, "w", floats({3}, {1, 2, 3}));
    EXPECT_EQ(toFloats(readTensorProto(path)), (Floats{1, 2, 3}));
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace tenon::testing
