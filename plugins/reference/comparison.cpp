// y = whether a and b compare so, element by element with numpy's broadcasting (ONNX Equal, Greater, Less opset 7 and later,
// GreaterOrEqual, LessOrEqual opset 12 and later).
#include "arithmetic.h"
#include "broadcast.h"

#include <string_view>

namespace tenon::reference {
using namespace sdk;

// One struct for all: F is the predicate, its name and its types.
template <class F>
struct Comparison {
    static constexpr Identity identity{.name = F::kName, .since = F::kSince};
    static constexpr Slot T = var('T', F::kTypes);
    static constexpr auto formats = rows(row(T, T, Slot(boolean)).anyLayout());
    void infer(Shapes x, Shapes y) const { inferBroadcast(x, y, F::symbolic); }
    void run(const Launch& l) const {
        dispatch<F::kTypes>(l.inputType(0), [&]<class E>() {
            using S = Stored<E>;
            broadcastApply(l.input<S>(0), l.input<S>(1), l.output<bool>(0), [](const S& a, const S& b) {
                if constexpr (std::is_same_v<E, bool>) return F::apply(a != 0, b != 0);
                else if constexpr (std::is_same_v<E, abi::StringRef>) return F::apply(text(a), text(b));
                else return F::apply(Compute<E>(a), Compute<E>(b));
            });
        });
    }

private:
    static std::string_view text(const abi::StringRef& s) {
        return s.size == 0 ? std::string_view() : std::string_view(s.data, s.size);
    }
};

struct EqualTo {
    static constexpr const char* kName = "Equal";
    static constexpr int kSince = 7;
    static constexpr TypeSet kTypes = numeric | boolean | str;
    static constexpr auto apply = [](auto a, auto b) { return a == b; };
    static Dim symbolic(const Dim& a, const Dim& b) { return a.same(b) ? Dim(1) : equal(a, b); }
};

struct GreaterThan {
    static constexpr const char* kName = "Greater";
    static constexpr int kSince = 7;
    static constexpr TypeSet kTypes = numeric;
    static constexpr auto apply = [](auto a, auto b) { return a > b; };
    static Dim symbolic(const Dim& a, const Dim& b) { return less(b, a); }
};

struct GreaterOrEqualTo {
    static constexpr const char* kName = "GreaterOrEqual";
    static constexpr int kSince = 12;
    static constexpr TypeSet kTypes = numeric;
    static constexpr auto apply = [](auto a, auto b) { return a >= b; };
    static Dim symbolic(const Dim& a, const Dim& b) { return Dim(1) - less(a, b); }
};

struct LessThan {
    static constexpr const char* kName = "Less";
    static constexpr int kSince = 7;
    static constexpr TypeSet kTypes = numeric;
    static constexpr auto apply = [](auto a, auto b) { return a < b; };
    static Dim symbolic(const Dim& a, const Dim& b) { return less(a, b); }
};

struct LessOrEqualTo {
    static constexpr const char* kName = "LessOrEqual";
    static constexpr int kSince = 12;
    static constexpr TypeSet kTypes = numeric;
    static constexpr auto apply = [](auto a, auto b) { return a <= b; };
    static Dim symbolic(const Dim& a, const Dim& b) { return Dim(1) - less(b, a); }
};

}  // namespace tenon::reference

TENON_OPERATORS(comparison, tenon::reference::Comparison<tenon::reference::EqualTo>,
                tenon::reference::Comparison<tenon::reference::GreaterOrEqualTo>,
                tenon::reference::Comparison<tenon::reference::GreaterThan>,
                tenon::reference::Comparison<tenon::reference::LessOrEqualTo>,
                tenon::reference::Comparison<tenon::reference::LessThan>)
