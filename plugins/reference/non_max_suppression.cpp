// y = (batch, class, box) of the boxes kept for each class: best score first, without those that overlap a kept box by more than
// a threshold (ONNX NonMaxSuppression opset 10 and later).
#include "arithmetic.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct NonMaxSuppression : abi::IDynamicOutput {
    bool centerPointBox = false;
    static constexpr Identity identity{.name = "NonMaxSuppression", .since = 10};
    static constexpr auto formats = rows(row(in(f32, f32, optional(i64), optional(f32), optional(f32)), out(i64)));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "center_point_box", &NonMaxSuppression::centerPointBox, "boxes are center and extents, not two corners")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{Dim::unknown(), 3};
        if (x[0].rank() != 3 || x[1].rank() != 3) throw Error("boxes and scores must have rank 3");
        const auto agree = [](const Dim& a, const Dim& b) { return !a.isConstant() || !b.isConstant() || a.same(b); };
        if (!agree(x[0][2], 4)) throw Error("boxes must have 4 numbers, found " + std::to_string(x[0][2].value()));
        if (!agree(x[0][0], x[1][0]) || !agree(x[0][1], x[1][2]))
            throw Error("boxes and scores differ in batch or number of boxes");
        for (int i : {2, 3, 4})
            if (x.has(i) && !agree(x[i].elements(), 1)) throw Error("input " + std::to_string(i) + " must be one number");
    }
    // Boxes of one class in the order of their scores.
    std::uint64_t workspace(const Layer& l) const {
        return static_cast<std::uint64_t>(l.inputRange(1).max.d[2]) * sizeof(std::int64_t);
    }
    // At most: every box is compared with every other.
    Cost cost(const Layer& l) const {
        return workOf(l, elements(l.inputRange(1)) * static_cast<double>(l.inputRange(0).opt.d[1]));
    }
    void run(const Launch& l) const {
        const abi::Dims& dims = l.inputDesc(1).dims;
        const std::int64_t most = l.hasInput(2) ? l.input<std::int64_t>(2)[0] : 0, boxes = dims.d[2];
        const float overlap = l.hasInput(3) ? l.input<float>(3)[0] : 0.0F;
        const float least = l.hasInput(4) ? l.input<float>(4)[0] : -std::numeric_limits<float>::infinity();
        std::int64_t* y = l.output<std::int64_t>(0).data;
        auto* order = static_cast<std::int64_t*>(l.workspace());
        kept_ = 0;
        for (std::int64_t i = 0; i < dims.d[0] * dims.d[1]; ++i) {
            const std::int64_t batch = i / dims.d[1];
            const float* scores = l.input<float>(1).data + i * boxes;
            const std::int64_t candidates = sorted(scores, boxes, l.hasInput(4), least, order);
            const float* coordinates = l.input<float>(0).data + batch * boxes * 4;
            const std::int64_t first = kept_;
            for (std::int64_t c = 0; c < candidates && kept_ - first < most; ++c) {
                const Box box = boxAt(coordinates + order[c] * 4);
                bool isFree = true;
                for (std::int64_t k = first; k < kept_ && isFree; ++k)
                    isFree = !(overlapOf(box, boxAt(coordinates + y[k * 3 + 2] * 4)) > overlap);
                if (!isFree) continue;
                std::int64_t* row = y + kept_++ * 3;
                row[0] = batch;
                row[1] = i % dims.d[1];
                row[2] = order[c];
            }
        }
    }

    void* extension(std::string_view id) {
        return id == abi::IDynamicOutput::kId ? static_cast<abi::IDynamicOutput*>(this) : nullptr;
    }
    // Every box of every class.
    Status maxDims(const abi::TensorDesc* inputs, int32_t inputCount, int32_t output, abi::Dims* dims) const noexcept override {
        if (inputCount < 2 || output != 0) return Status::invalidArgument;
        *dims = {2, {elementCount(inputs[1].dims), 3}};
        return Status::ok;
    }
    Status actualDims(int32_t output, abi::Dims* dims) const noexcept override {
        if (output != 0) return Status::invalidArgument;
        *dims = {2, {kept_, 3}};
        return Status::ok;
    }

private:
    struct Box {
        float y1, x1, y2, x2;  // y1 <= y2, x1 <= x2
        float area() const { return (y2 - y1) * (x2 - x1); }
    };
    Box boxAt(const float* p) const {
        if (centerPointBox) return {p[1] - p[3] / 2, p[0] - p[2] / 2, p[1] + p[3] / 2, p[0] + p[2] / 2};
        return {std::min(p[0], p[2]), std::min(p[1], p[3]), std::max(p[0], p[2]), std::max(p[1], p[3])};
    }
    // Intersection over union; 0 where a box is empty.
    static float overlapOf(const Box& a, const Box& b) {
        const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1), width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
        if (!(height > 0 && width > 0 && a.area() > 0 && b.area() > 0)) return 0;
        const float shared = height * width;
        return shared / (a.area() + b.area() - shared);
    }
    // Puts the boxes that score above `least` into `order`, best first, the first of equals first. NaN never scores.
    static std::int64_t sorted(const float* scores, std::int64_t boxes, bool hasLeast, float least, std::int64_t* order) {
        std::int64_t count = 0;
        for (std::int64_t i = 0; i < boxes; ++i)
            if (hasLeast ? scores[i] > least : scores[i] == scores[i]) order[count++] = i;
        std::sort(order, order + count,
                  [&](std::int64_t a, std::int64_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
        return count;
    }

    mutable std::int64_t kept_ = 0;  // rows of the last run
};

}  // namespace tenon::reference

TENON_OPERATORS(non_max_suppression, tenon::reference::NonMaxSuppression)
