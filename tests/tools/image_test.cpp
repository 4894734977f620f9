#include "image.h"

#include <gtest/gtest.h>
#include <tenon/error.h>

#include "temporary_file.h"

namespace tenon::cli {

namespace {
IoInfo input(DataType type, std::vector<Dim> dims) {
    IoInfo info;
    info.name = "x";
    info.type = type;
    info.dims = std::move(dims);
    return info;
}

TensorValue read(const std::string& bytes, const IoInfo& info) {
    const TemporaryFile file(".ppm", bytes);
    return readImage(file.path(), info);
}
const float* floats(const TensorValue& v) { return reinterpret_cast<const float*>(v.data.data()); }

const std::string kColour = std::string("P6 2 1\n255\n") + "\x01\x02\x03\xFF\x05\x06";
}  // namespace

TEST(Image, ChannelsBecomePlanes) {
    const TensorValue v = read(kColour, input(DataType::f32, {1, 3, "h", "w"}));
    EXPECT_EQ(v.dims, (Dims{1, 3, 1, 2}));
    EXPECT_FLOAT_EQ(floats(v)[0], 1.0F / 255);
    EXPECT_FLOAT_EQ(floats(v)[1], 1);
    EXPECT_FLOAT_EQ(floats(v)[2], 2.0F / 255);
}

TEST(Image, ChannelsStayTogetherWhereTheInputHasThemLast) {
    const TensorValue v = read(kColour, input(DataType::u8, {1, 1, 2, 3}));
    EXPECT_EQ(v.dims, (Dims{1, 1, 2, 3}));
    EXPECT_EQ(v.data.data()[1], std::byte{2});
}

TEST(Image, TextAndBinaryFormsAgree) {
    const IoInfo gray = input(DataType::f32, {"h", "w"});
    const TensorValue text = read("P2\n# comment\n2 1 7\n7 0\n", gray);
    const TensorValue binary = read(std::string("P5\n2 1\n7\n") + "\x07" + std::string(1, '\0'), gray);
    for (const auto* v : {&text, &binary}) {
        EXPECT_EQ(v->dims, (Dims{1, 2}));
        EXPECT_FLOAT_EQ(floats(*v)[0], 1);
        EXPECT_FLOAT_EQ(floats(*v)[1], 0);
    }
}

TEST(Image, WhatDoesNotFitTheInputIsRefused) {
    EXPECT_THROW(read(kColour, input(DataType::f32, {1, 1, "h", "w"})), Error);
    EXPECT_THROW(read(kColour, input(DataType::f32, {1, 3, 2, 2})), Error);
    EXPECT_THROW(read(kColour, input(DataType::i64, {1, 3, "h", "w"})), Error);
}

TEST(Image, DamagedFilesAreRefused) {
    const IoInfo gray = input(DataType::f32, {"h", "w"});
    for (const char* bytes :
         {"", "P", "P5", "P5 2", "P5 2 2 255", "P5 2 2 255\nabc", "P5 0 2 255\n", "P5 -1 2 255\n", "P5 99999999 99999999 255\n",
          "P5 65536 65536 65535\n", "P2 2 1 7\n7", "P2 2 1 7\n7 9", "P7 1 1 1\n1", "P5 #", "GIF89a"})
        EXPECT_THROW(read(bytes, gray), Error) << bytes;
}

}  // namespace tenon::cli
