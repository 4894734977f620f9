#include "npy.h"

#include <gtest/gtest.h>
#include <tenon/error.h>

#include <cstring>

#include "file_bytes.h"
#include "temporary_file.h"

namespace tenon::cli {

namespace {
std::string fileOf(const std::string& header, const std::string& data) {
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size() & 0xFF) + static_cast<char>(header.size() >> 8) +
           header + data;
}

TensorValue reread(const TensorValue& value) {
    const TemporaryFile file(".npy", "");
    writeNpy(file.path(), value);
    return readNpy(file.path());
}

bool isRefused(const std::string& bytes) {
    const TemporaryFile file(".npy", bytes);
    try {
        readNpy(file.path());
    } catch (const Error& e) {
        return e.code() == ErrorCode::badInput;
    }
    return false;
}
}  // namespace

TEST(Npy, ReadsWhatItWrote) {
    for (const Dims& dims : {Dims{}, Dims{0}, Dims{5}, Dims{2, 3}, Dims{1, 0, 4}})
        for (const DataType type :
             {DataType::f32, DataType::f64, DataType::f16, DataType::i8, DataType::u64, DataType::boolean, DataType::c64}) {
            TensorValue value{type, dims, Blob::allocate(byteSize(type, dims))};
            for (std::size_t i = 0; i < value.data.size(); ++i)
                value.data.mutableData()[i] = std::byte{static_cast<unsigned char>(i % 2)};
            const TensorValue again = reread(value);
            EXPECT_EQ(again.type, type);
            EXPECT_EQ(again.dims, dims);
            ASSERT_EQ(again.data.size(), value.data.size());
            if (value.data.size() > 0) {
                EXPECT_EQ(std::memcmp(again.data.data(), value.data.data(), value.data.size()), 0);
            }
        }
}

TEST(Npy, HeaderIsPaddedTo64Bytes) {
    const TemporaryFile file(".npy", "");
    writeNpy(file.path(), {DataType::f32, {3}, Blob::allocate(12)});
    EXPECT_EQ((readFileBytes(file.path()).size() - 12) % 64, 0U);
}

TEST(Npy, TypesThatNumPyLacksAreRefused) {
    const TemporaryFile file(".npy", "");
    EXPECT_THROW(writeNpy(file.path(), {DataType::bf16, {1}, Blob::allocate(2)}), Error);
}

TEST(Npy, TruncationAtEveryLengthIsRefused) {
    const std::string whole = fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", "12345678");
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_TRUE(isRefused(whole.substr(0, length))) << length;
    EXPECT_FALSE(isRefused(whole));
    EXPECT_TRUE(isRefused(whole + "x"));
}

TEST(Npy, HostileHeadersAreRefused) {
    for (const char* header : {
             "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
             "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807)}",
             "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
             "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}",
             "{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}",
             "{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}",
             "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}",
             "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
             "{'descr': '<f4', 'shape': (2,), 'more': 1}",
             "{'fortran_order': False}",
             "{'descr': '<f4",
             "{",
             "",
         })
        EXPECT_TRUE(isRefused(fileOf(header, "12345678"))) << header;
}

TEST(Npy, RandomByteFlipsNeverCrash) {
    const std::string whole = fileOf("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", "12345678");
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const int flip : {1, 16, 128, 255}) {
            std::string bytes = whole;
            bytes[i] = static_cast<char>(bytes[i] ^ flip);
            isRefused(bytes);
        }
}

}  // namespace tenon::cli
