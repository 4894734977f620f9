// y = x, mask = true: Dropout as it acts outside training, or with a ratio of 0 (ONNX Dropout opset 12 form).
#include "statistics.h"

namespace tenon::reference {
using namespace sdk;

struct Dropout {
    std::optional<std::int64_t> seed;
    static constexpr Identity identity{.name = "Dropout", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, optional(floats), optional(boolean)), out(T, optional(boolean))));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "seed", &Dropout::seed, "of the random mask; without effect outside training")};
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < y.count(); ++i)
            y[i] = x[0].dims();
        const bool training = x.has(2) && x[2].content && x[2].content->size() == 1 && x[2].content->front().is(1);
        if (training && (!x.has(1) || (x[1].data != nullptr && x[1].numbers().at(0) != 0))) refuse();
    }
    void run(const Launch& l) const {
        const bool training = l.hasInput(2) && l.input<std::uint8_t>(2).size() > 0 && l.input<std::uint8_t>(2)[0] != 0;
        const double ratio = !l.hasInput(1) || elementCount(l.inputDesc(1).dims) == 0 ? 0.5 : numberAt(l, 1, 0);
        if (training && ratio != 0) refuse();
        const auto size = static_cast<std::size_t>(elementCount(l.inputDesc(0).dims) * elementBits(l.inputType(0)) / 8);
        if (size > 0 && l.outputData(0) != l.inputData(0)) std::memcpy(l.outputData(0), l.inputData(0), size);
        if (l.hasOutput(1)) std::ranges::fill(l.output<bool>(1), true);
    }

private:
    [[noreturn]] static void refuse() {
        throw declined("training_mode with a ratio other than 0 is not offered: inference only");
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(dropout, tenon::reference::Dropout)
