// y = a and/or/xor b, or a shifted by b, bit by bit with numpy's broadcasting; y = not x (ONNX BitShift opset 11, BitwiseAnd,
// BitwiseOr, BitwiseXor, BitwiseNot opset 18).
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

// One struct for the binary ones: F is the connective. Signs do not matter: the bits of one size are of one type.
template <class F>
struct Bitwise {
    static constexpr Identity identity{.name = F::kName, .since = 18};
    static constexpr Slot T = var('T', ints);
    static constexpr auto formats = rows(row(T, T, T).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const { y[0] = broadcast(x[0], x[1]); }
    template <class E>
    void run(View<const E> a, View<const E> b, View<E> y) const {
        broadcastApply(a, b, y, [](E p, E q) { return static_cast<E>(F::apply(p, q)); });
    }
};

struct BitwiseAndOf {
    static constexpr const char* kName = "BitwiseAnd";
    static constexpr auto apply = [](auto a, auto b) { return a & b; };
};

struct BitwiseOrOf {
    static constexpr const char* kName = "BitwiseOr";
    static constexpr auto apply = [](auto a, auto b) { return a | b; };
};

struct BitwiseXorOf {
    static constexpr const char* kName = "BitwiseXor";
    static constexpr auto apply = [](auto a, auto b) { return a ^ b; };
};

struct BitwiseNot {
    static constexpr Identity identity{.name = "BitwiseNot", .since = 18};
    static constexpr Slot T = var('T', ints);
    static constexpr auto formats = rows(row(T, T).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        for (std::int64_t i = 0; i < y.size(); ++i)
            y[i] = static_cast<E>(~x[i]);
    }
};

// Bits shifted out are lost; zeros come in, from the left copies of the sign. A negative shift, or one by the width of the type
// or more, leaves only what comes in (signed types: opset 28).
struct BitShift {
    std::string direction;
    static constexpr Identity identity{.name = "BitShift", .since = 11};
    static constexpr Slot T = var('T', ints);
    static constexpr auto formats = rows(row(T, T, T).anyLayout());
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "direction", &BitShift::direction, "LEFT or RIGHT").oneOf("LEFT|RIGHT").required()};
    }
    void infer(Shapes x, Shapes y) const { y[0] = broadcast(x[0], x[1]); }
    template <class E>
    void run(View<const E> a, View<const E> b, View<E> y) const {
        constexpr E kWidth = std::numeric_limits<std::make_unsigned_t<E>>::digits;
        const auto isInside = [](E q) { return q >= 0 && q < kWidth; };
        if (direction == "LEFT")
            broadcastApply(a, b, y, [&](E p, E q) { return isInside(q) ? static_cast<E>(std::uint64_t(p) << q) : E(0); });
        else broadcastApply(a, b, y, [&](E p, E q) { return static_cast<E>(isInside(q) ? p >> q : p < 0 ? -1 : 0); });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(bitwise, tenon::reference::BitShift, tenon::reference::Bitwise<tenon::reference::BitwiseAndOf>,
                tenon::reference::BitwiseNot, tenon::reference::Bitwise<tenon::reference::BitwiseOrOf>,
                tenon::reference::Bitwise<tenon::reference::BitwiseXorOf>)
