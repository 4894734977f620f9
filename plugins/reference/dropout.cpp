// Outside training, or with a ratio of 0, y = x and mask = true. In training an element is kept, and divided by 1 - ratio, where
// a random number in [0, 1) is at least the ratio (ONNX Dropout opset 12 form). A given seed draws the numbers of ONNX's
// reference implementation: a Mersenne twister, 53 bits each.
#include "quantization.h"
#include "view.h"

#include <random>

namespace tenon::reference {
using namespace sdk;

struct Dropout {
    std::optional<std::int64_t> seed;
    static constexpr Identity identity{.name = "Dropout", .since = 1};
    static constexpr Slot T = var('T', floats | float8s);
    static constexpr auto formats = rows(row(in(T, optional(floats | float8s), optional(boolean)), out(T, optional(boolean))));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "seed", &Dropout::seed, "of the random mask in training; default: another one each time")};
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < y.count(); ++i)
            y[i] = x[0].dims();
    }
    void run(const Launch& l) const {
        const bool training = l.hasInput(2) && l.input<std::uint8_t>(2).size() > 0 && l.input<std::uint8_t>(2)[0] != 0;
        const double ratio = !l.hasInput(1) || elementCount(l.inputDesc(1).dims) == 0 ? 0.5 : ElementReader(l, 1)[0];
        if (training && ratio != 0) return drop(l, ratio);
        copyBytes(l);
        if (l.hasOutput(1)) std::ranges::fill(l.output<bool>(1), true);
    }

private:
    void drop(const Launch& l, double ratio) const {
        if (!(ratio >= 0 && ratio < 1)) throw Error("ratio is " + std::to_string(ratio) + ", must be in [0, 1)");
        std::mt19937 random(seed ? static_cast<std::uint32_t>(*seed) : std::random_device{}());
        const auto uniform = [&] {
            const std::uint32_t high = random() >> 5U, low = random() >> 6U;
            return (high * 67108864.0 + low) / 9007199254740992.0;
        };
        const auto scale = static_cast<float>(1 / (1 - ratio));
        dispatch<floats | float8s>(l.inputType(0), [&]<class E>() {
            const auto x = l.input<E>(0);
            const auto y = l.output<E>(0);
            for (std::int64_t i = 0; i < x.size(); ++i) {
                const bool isKept = uniform() >= ratio;
                if constexpr (std::is_same_v<E, double>) y[i] = isKept ? x[i] / (1 - ratio) : 0;
                else y[i] = E(isKept ? static_cast<float>(x[i]) * scale : 0.0F);
                if (l.hasOutput(1)) l.output<bool>(1)[i] = isKept;
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(dropout, tenon::reference::Dropout)
