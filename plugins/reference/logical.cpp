// y = a and/or/xor b on bools with numpy's broadcasting; y = not x (ONNX And, Or, Xor opset 7 and later, Not opset 1).
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

// One struct for the binary ones: F is the connective. Bools are read as bytes: any but 0 is true.
template <class F>
struct Logical {
    static constexpr Identity identity{.name = F::kName, .since = 7};
    static constexpr auto formats = rows(row(boolean, boolean, boolean).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const { y[0] = broadcast(x[0], x[1]); }
    void run(const Launch& l) const {
        broadcastApply(l.input<std::uint8_t>(0), l.input<std::uint8_t>(1), l.output<std::uint8_t>(0),
                       [](std::uint8_t a, std::uint8_t b) { return std::uint8_t(F::apply(a != 0, b != 0)); });
    }
};

struct AndOf {
    static constexpr const char* kName = "And";
    static bool apply(bool a, bool b) { return a && b; }
};

struct OrOf {
    static constexpr const char* kName = "Or";
    static bool apply(bool a, bool b) { return a || b; }
};

struct XorOf {
    static constexpr const char* kName = "Xor";
    static bool apply(bool a, bool b) { return a != b; }
};

struct Not {
    static constexpr Identity identity{.name = "Not", .since = 1};
    static constexpr auto formats = rows(row(boolean, boolean).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        if (!x[0].content) return;
        y[0].content.emplace();
        for (const Dim& d : *x[0].content)
            y[0].content->push_back(equal(d, 0));
    }
    void run(const Launch& l) const {
        const auto x = l.input<std::uint8_t>(0);
        const auto y = l.output<std::uint8_t>(0);
        for (std::int64_t i = 0; i < y.size(); ++i)
            y[i] = x[i] == 0;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(logical, tenon::reference::Logical<tenon::reference::AndOf>, tenon::reference::Not,
                tenon::reference::Logical<tenon::reference::OrOf>, tenon::reference::Logical<tenon::reference::XorOf>)
