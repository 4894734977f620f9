// y[:, i] = the coordinates of the i-th element of x that is not zero, in row-major order (ONNX NonZero opset 9 and later).
#include "arithmetic.h"
#include "found_dims.h"

namespace tenon::reference {
using namespace sdk;

struct NonZero final : FoundDims<NonZero> {
    static constexpr TypeSet kTypes = numeric | boolean | c64 | c128 | str;
    static constexpr Identity identity{.name = "NonZero", .since = 9};
    static constexpr auto formats = rows(row(kTypes, i64));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(2);
        y[0][0] = x[0].rank();
    }
    abi::Dims bound(std::span<const abi::TensorDesc> inputs, int) const {
        return makeDims({inputs[0].dims.rank, elementCount(inputs[0].dims)});
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        std::int64_t* y = l.output<std::int64_t>(0).data;
        dispatch<kTypes>(l.inputType(0), [&]<class E>() {
            const auto x = l.input<Stored<E>>(0);
            const std::int64_t n = std::count_if(x.begin(), x.begin() + x.size(), isSet<Stored<E>>);
            for (std::int64_t i = 0, at = 0; i < x.size(); ++i) {
                if (!isSet(x[i])) continue;
                std::int64_t left = i;
                for (std::size_t d = dims.size(); d-- > 0; left /= dims[d])
                    y[static_cast<std::int64_t>(d) * n + at] = left % dims[d];
                ++at;
            }
            found(0, makeDims({static_cast<std::int64_t>(dims.size()), n}));
        });
    }

private:
    // A text is set when it is not empty.
    template <class S>
    static bool isSet(const S& v) {
        if constexpr (std::is_same_v<S, abi::StringRef>) return v.size != 0;
        else return static_cast<Compute<S>>(v) != Compute<S>(0);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(non_zero, tenon::reference::NonZero)
