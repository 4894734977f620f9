// y = the dims of x from start up to end (ONNX Shape opset 1 and later; start and end opset 15).
#include <tenon/sdk/sdk.h>

namespace tenon::reference {
using namespace sdk;

struct ShapeOf {
    std::int64_t start = 0;
    std::optional<std::int64_t> end;
    static constexpr Identity identity{.name = "Shape", .since = 1};
    static constexpr auto formats = rows(row(anyType | halfBytes, i64));
    static constexpr std::uint64_t dimsOnlyInputs = bits(0);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "start", &ShapeOf::start, "first axis; negative counts from the end"),
                          attr(2, "end", &ShapeOf::end, "axis after the last; negative counts from the end")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(1);
        const int rank = x[0].rank(), first = clamped(start, rank), last = std::max(first, clamped(end.value_or(rank), rank));
        y[0] = Shape{last - first};
        y[0].content.emplace();
        for (int i = first; i < last; ++i)
            y[0].content->push_back(x[0][i]);
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const auto y = l.output<std::int64_t>(0);
        const auto first = static_cast<std::size_t>(clamped(start, static_cast<int>(dims.size())));
        for (std::int64_t i = 0; i < y.size(); ++i)
            y[i] = dims[first + static_cast<std::size_t>(i)];
    }

private:
    static int clamped(std::int64_t axis, int rank) {
        return static_cast<int>(std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(shape, tenon::reference::ShapeOf)
