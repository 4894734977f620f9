// Scales and zero points of linear quantization: one for the tensor, one for each index of an axis, or one for each block along
// it (ONNX QuantizeLinear and DequantizeLinear opset 21 and later).
#pragma once

#include "axis_split.h"
#include "number_buffer.h"

namespace tenon::reference {

inline constexpr sdk::TypeSet quantized = sdk::u8 | sdk::i8 | sdk::u16 | sdk::i16 | sdk::float8s | sdk::halfBytes;
inline constexpr sdk::TypeSet dequantized = sdk::f32 | sdk::f16 | sdk::bf16;
inline constexpr sdk::TypeSet scales = dequantized | sdk::f8e8m0;

// Reads single elements of a tensor of any numeric type; an absent tensor is all zero.
class ElementReader {
public:
    ElementReader(const sdk::Launch& l, int input) {
        if (!l.hasInput(input)) return;
        data_ = l.inputData(input);
        sdk::dispatch<convertible>(l.inputType(input), [&]<class E>() {
            read_ = [](const void* data, std::int64_t i) {
                return static_cast<double>(static_cast<sdk::Compute<E>>(static_cast<const Stored<E>*>(data)[i]));
            };
        });
    }
    double operator[](std::int64_t i) const { return read_ == nullptr ? 0.0 : read_(data_, i); }

private:
    const void* data_ = nullptr;
    double (*read_)(const void*, std::int64_t) = nullptr;
};

// A tensor cut into runs of consecutive elements: within one, the scale's index starts at scale(run) and grows by step().
class ScaleRuns {
public:
    ScaleRuns(std::span<const std::int64_t> dims, const abi::Dims& scaleDims, std::int64_t axis, std::int64_t blockSize) {
        for (const std::int64_t d : dims)
            size_ *= d;
        if (blockSize == 0 && sdk::elementCount(scaleDims) == 1) {
            length_ = 4096;
            return;
        }
        const AxisSplit s = splitAt(dims, axis);
        if (blockSize == 0) perAxis(s);
        else perBlock(s, blockSize);
    }
    // Calls body(first element, one past the last, index of its scale) for every run, on the host's threads.
    template <class F>
    void forRuns(F&& body) const {
        if (size_ == 0) return;
        const std::int64_t runs = (size_ + length_ - 1) / length_;
        sdk::parallelFor(runs, std::max<std::int64_t>(1, 16384 / length_), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t r = begin; r < end; ++r)
                body(r * length_, std::min(size_, (r + 1) * length_), scale(r));
        });
    }
    std::int64_t step() const { return step_; }

private:
    void perAxis(const AxisSplit& s) {
        const bool last = s.inner == 1;
        length_ = last ? s.extent : s.inner;
        extent_ = last ? 1 : s.extent;
        step_ = last ? 1 : 0;
    }
    void perBlock(const AxisSplit& s, std::int64_t blockSize) {
        if (s.inner == 1 && s.extent % blockSize == 0) {  // each block is a run
            length_ = blockSize;
            blocksPerLine_ = 1;
            return;
        }
        length_ = s.inner;
        extent_ = s.extent;
        step_ = 1;
        block_ = blockSize;
        blocksPerLine_ = (s.extent + blockSize - 1) / blockSize;
        scalesPerBlock_ = s.inner;
    }
    std::int64_t scale(std::int64_t run) const {
        return (run / extent_ * blocksPerLine_ + run % extent_ / block_) * scalesPerBlock_;
    }
    std::int64_t size_ = 1, length_ = 1, step_ = 0;
    std::int64_t extent_ = 1, block_ = 1, blocksPerLine_ = 0, scalesPerBlock_ = 1;
};

// The scale and zero point of element i of a run.
struct Quantum {
    double scale;
    double zeroPoint;
};
class RunQuanta {
public:
    RunQuanta(const ElementReader& scale, const ElementReader& zeroPoint, std::int64_t first, std::int64_t step)
        : scale_(&scale), zeroPoint_(&zeroPoint), first_(first), step_(step), shared_(read(first)) {}
    Quantum operator[](std::int64_t i) const { return step_ == 0 ? shared_ : read(first_ + i * step_); }

private:
    Quantum read(std::int64_t i) const { return {(*scale_)[i], (*zeroPoint_)[i]}; }
    const ElementReader *scale_, *zeroPoint_;
    std::int64_t first_, step_;
    Quantum shared_;
};

// Checks the dims of a scale or zero point against those of x.
inline void checkScale(const sdk::Shape& x, const sdk::Shape& scale, std::int64_t axis, std::int64_t blockSize,
                       const char* what) {
    const auto expect = [&](const sdk::Dim& found, const sdk::Dim& wanted) {
        if (found.isConstant() && wanted.isConstant() && !found.same(wanted))
            throw sdk::Error(std::string(what) + " has a dimension " + std::to_string(found.value()) + ", must be " +
                             std::to_string(wanted.value()));
    };
    if (blockSize == 0) {
        if (scale.rank() > 1)
            throw sdk::Error(std::string(what) + " must have rank 0 or 1, found " + std::to_string(scale.rank()));
        if (scale.rank() == 1 && !scale[0].is(1)) expect(scale[0], x[x.axis(axis)]);
        return;
    }
    if (scale.rank() != x.rank()) throw sdk::Error(std::string(what) + " must have the rank of x to be given per block");
    const int blocked = x.axis(axis);
    for (int i = 0; i < x.rank(); ++i)
        expect(scale[i], i == blocked ? ceilDiv(x[i], blockSize) : x[i]);
}

// Checks that every scale has its zero point.
inline void checkZeroPoint(const sdk::Shape& scale, const sdk::Shape& zeroPoint) {
    const sdk::Dim wanted = scale.elements(), found = zeroPoint.elements();
    if (wanted.isConstant() && found.isConstant() && !found.same(wanted))
        throw sdk::Error("there are " + std::to_string(wanted.value()) + " scales but " + std::to_string(found.value()) +
                         " zero points");
}

}  // namespace tenon::reference
