// y = softmax(x + bias) over all axes from `axis` on, the bias broadcast as numpy does (com.microsoft BiasSoftmax).
#include "../reference/axis_split.h"
#include "attention.h"
#include "broadcast_reader.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct BiasSoftmax {
    std::int64_t axis = 1;
    bool innerBroadcast = false;
    static constexpr Identity identity = contrib("BiasSoftmax");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "axis", &BiasSoftmax::axis, "first axis of the softmax"),
            attr(2, "is_inner_broadcast", &BiasSoftmax::innerBroadcast, "which axes of the bias are 1; its dims say it")
                .required()};
    }
    void infer(Shapes x, Shapes y) const {
        x[0].axis(axis);
        reference::checkBroadcastsTo(x[0], x[1], "the bias");
        y[0] = x[0].dims();
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        using C = Compute<E>;
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        const BroadcastReader<E> bias(l.input<E>(1), x.dims);
        const reference::AxisSplit s = reference::splitAt(x.dims, axis, x.rank());
        reference::forLines(s, [&](std::int64_t at) {
            std::vector<C> line(static_cast<std::size_t>(s.extent));
            for (std::int64_t i = 0; i < s.extent; ++i)
                line[static_cast<std::size_t>(i)] = C(x[at + i]) + C(bias[at + i]);
            softmax(std::span<C>(line));
            std::copy(line.begin(), line.end(), y.data + at);
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(bias_softmax, tenon::microsoft::BiasSoftmax)
