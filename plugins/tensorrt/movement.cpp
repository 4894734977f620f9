// Operators that only copy elements (TensorRT's FlattenConcat_TRT, BatchTilePlugin_TRT and SpecialSlice_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

// y[n] = all elements of image n of all inputs, one after the other, as (N, C, 1, 1).
struct FlattenConcat {
    std::int64_t axis = 1;
    bool isBatchIgnored = false;
    static constexpr Identity identity = pluginIdentity("FlattenConcat_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(in(variadic(T)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &FlattenConcat::axis, "always 1").required().range(1, 1),
                          attr(2, "ignoreBatch", &FlattenConcat::isBatchIgnored, "always 0").range(0, 0)};
    }
    void infer(Shapes x, Shapes y) const {
        Dim sum = 0;
        for (int i = 0; i < x.count(); ++i) {
            require(x[i].rank() >= 1 && agree(x[i][0], x[0][0]), "the inputs differ in batch");
            sum = sum + x[i].product(1, x[i].rank());
        }
        y[0] = {x[0][0], sum, 1, 1};
    }
    void run(const Launch& l) const {
        const std::int64_t batch = l.outputDesc(0).dims.d[0], total = l.outputDesc(0).dims.d[1];
        dispatchSize(l.outputType(0), [&]<class E>() {
            std::int64_t done = 0;
            for (int i = 0; i < l.inputCount(); ++i) {
                const auto* x = static_cast<const E*>(l.inputData(i));
                const std::int64_t size = batch == 0 ? 0 : elementCount(l.inputDesc(i).dims) / batch;
                require(l.inputDesc(i).dims.d[0] == batch && size <= total - done, "the inputs differ in batch");
                for (std::int64_t n = 0; n < batch; ++n)
                    std::copy_n(x + n * size, size, static_cast<E*>(l.outputData(0)) + n * total + done);
                done += size;
            }
        });
    }
};

// y[n] = x1[0] for each image n of x0.
struct BatchTile {
    static constexpr Identity identity = pluginIdentity("BatchTilePlugin_TRT");
    static constexpr Slot T = var('T', halfOrFloat | i32);
    static constexpr auto formats = rows(row(in(halfOrFloat | i32, T), out(T)));
    static constexpr std::uint64_t dimsOnlyInputs = bits(0);
    void infer(Shapes x, Shapes y) const {
        require(x[0].rank() == 4 && x[1].rank() == 4, "the inputs must have rank 4");
        require(agree(x[1][0], 1), "the second input must be of batch 1");
        y[0] = {x[0][0], x[1][1], x[1][2], x[1][3]};
    }
    void run(const Launch& l) const {
        require(l.inputDesc(1).dims.d[0] == 1, "the second input must be of batch 1");
        const std::int64_t size = elementCount(l.inputDesc(1).dims);
        dispatchSize(l.outputType(0), [&]<class E>() {
            for (std::int64_t n = 0; n < l.outputDesc(0).dims.d[0]; ++n)
                std::copy_n(static_cast<const E*>(l.inputData(1)), size, static_cast<E*>(l.outputData(0)) + n * size);
        });
    }
};

// y[n, i] = the corners (y1, x1, y2, x2) of detections (y1, x1, y2, x2, class, score).
struct SpecialSlice {
    static constexpr Identity identity = pluginIdentity("SpecialSlice_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 3, "the detections");
        require(agree(x[0][2], kNumbers), "a detection must have 6 numbers");
        y[0] = {x[0][0], x[0][1], 4};
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        require(x.dim(2) == kNumbers, "a detection must have 6 numbers");
        for (std::int64_t i = 0; i < x.dim(0) * x.dim(1); ++i)
            std::copy_n(x.data + i * kNumbers, 4, y.data + i * 4);
    }

private:
    static constexpr std::int64_t kNumbers = 6;
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(movement, tenon::tensorrt::BatchTile, tenon::tensorrt::FlattenConcat, tenon::tensorrt::SpecialSlice)
