#include "tensor_file.h"

#include <tenon/error.h>
#include <tenon/onnx.h>
#include <tenon/sdk/launch.h>

#include <random>

#include "image.h"
#include "npy.h"
#include "subcommand.h"

namespace tenon::cli {

TensorValue readTensorFile(const std::string& path, const IoInfo& input) {
    if (path.ends_with(".npy")) return readNpy(path);
    if (path.ends_with(".pb")) return readTensorProto(path);
    if (path.ends_with(".pgm") || path.ends_with(".ppm")) return readImage(path, input);
    throw UsageError(path + ": the name of an input file ends in .npy, .pb, .pgm or .ppm");
}

void checkOutputName(const std::string& path) {
    if (!path.ends_with(".npy") && !path.ends_with(".pb"))
        throw UsageError(path + ": the name of an output file ends in .npy or .pb");
}

void writeTensorFile(const std::string& path, const std::string& name, const TensorValue& value) {
    if (path.ends_with(".npy")) writeNpy(path, value);
    else writeTensorProto(path, name, value);
}

TensorValue randomTensor(DataType type, const Dims& dims, std::uint64_t seed) {
    TensorValue value{type, dims, Blob::allocate(byteSize(type, dims))};
    if (type == DataType::string) {
        static constexpr abi::StringRef kEmpty{"", 0};
        auto* p = reinterpret_cast<abi::StringRef*>(value.data.mutableData());
        std::fill_n(p, elementCount(dims), kEmpty);
    }
    if (!(sdk::numeric | sdk::boolean).has(type)) return value;
    std::mt19937_64 random(seed);
    sdk::dispatch<sdk::numeric | sdk::boolean>(type, [&]<class T>() {
        T* p = reinterpret_cast<T*>(value.data.mutableData());
        for (std::int64_t i = 0; i < elementCount(dims); ++i) {
            const std::uint64_t bits = random();
            if constexpr (sdk::isFloating<T>) p[i] = T(static_cast<float>(bits >> 40) * 0x1p-23F - 1.0F);
            else p[i] = static_cast<T>(bits >> 63);
        }
    });
    return value;
}

}  // namespace tenon::cli
