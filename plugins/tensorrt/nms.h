// Non-maximum suppression: boxes, their overlap, and the greedy choice that TensorRT's detection plugins share.
#pragma once

#include "trt_plugin.h"

namespace tenon::tensorrt {

// Two opposite corners. Which axis is x and which is y makes no difference.
struct Box {
    float x1 = 0, y1 = 0, x2 = 0, y2 = 0;

    template <class E>
    static Box at(const E* p) {
        return {Compute<E>(p[0]), Compute<E>(p[1]), Compute<E>(p[2]), Compute<E>(p[3])};
    }
    Box clipped() const {
        const auto clip = [](float v) { return std::min(std::max(v, 0.0F), 1.0F); };
        return {clip(x1), clip(y1), clip(x2), clip(y2)};
    }
    Box ordered() const { return {std::min(x1, x2), std::min(y1, y2), std::max(x1, x2), std::max(y1, y2)}; }
    template <class E>
    void store(E* p) const {
        const float v[] = {x1, y1, x2, y2};
        for (int i = 0; i < 4; ++i)
            p[i] = E(v[i]);
    }
};

// Intersection over union of boxes with ordered corners.
inline float overlapOf(const Box& a, const Box& b) {
    const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1), height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    if (!(width > 0 && height > 0)) return 0;
    const float shared = width * height, all = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared;
    return all > 0 ? shared / all : 0;
}

// Sorts candidates, the best score first; of equal ones the smaller candidate.
template <class S>
void sortByScore(std::int64_t* first, std::int64_t* last, S&& scoreOf) {
    std::sort(first, last, [&](std::int64_t a, std::int64_t b) {
        const float x = scoreOf(a), y = scoreOf(b);
        return x != y ? x > y : a < b;
    });
}

// Moves those candidates to the front, in their order, that no earlier kept one suppresses, `most` at most; gives their count.
template <class P>
std::int64_t keepUnsuppressed(std::int64_t* candidates, std::int64_t count, std::int64_t most, P&& suppresses) {
    std::int64_t kept = 0;
    for (std::int64_t i = 0; i < count && kept < most; ++i) {
        const auto isOver = [&](std::int64_t k) { return suppresses(k, candidates[i]); };
        if (std::none_of(candidates, candidates + kept, isOver)) candidates[kept++] = candidates[i];
    }
    return kept;
}

// The choice that TensorRT's SSD plugins make in one image, the overlap that of Caffe's SSD (Liu et al. 2016). Candidate c is box
// c % count as class c / count.
struct ClassNms {
    std::int64_t classes = 0, background = -1, mostPerClass = 0;
    float scoreThreshold = 0, overlapThreshold = 0;
    bool isNormalized = true, isCaffe = true;

    std::uint64_t workspace(std::int64_t count) const {
        return static_cast<std::uint64_t>(count + classes * std::min(count, mostPerClass)) * sizeof(std::int64_t);
    }
    // Puts the candidates that are left of all classes, the best first, after the `count` elements of the workspace.
    template <class S, class B>
    std::span<std::int64_t> choose(std::int64_t count, std::int64_t* workspace, S&& scoreOf, B&& boxOf) const {
        std::int64_t *kept = workspace + count, keptCount = 0;
        for (std::int64_t k = 0; k < classes; ++k) {
            if (k == background) continue;
            std::int64_t n = 0;
            for (std::int64_t c = k * count; c < (k + 1) * count; ++c)
                if (scoreOf(c) > scoreThreshold) workspace[n++] = c;
            sortByScore(workspace, workspace + n, scoreOf);
            n = keepUnsuppressed(workspace, std::min(n, mostPerClass), n, [&](std::int64_t better, std::int64_t c) {
                return overlap(boxOf(better).ordered(), boxOf(c).ordered()) > overlapThreshold;
            });
            std::copy_n(workspace, n, kept + keptCount);
            keptCount += n;
        }
        sortByScore(kept, kept + keptCount, scoreOf);
        return {kept, static_cast<std::size_t>(keptCount)};
    }

private:
    // In pixels, boxes that do not touch intersect in the single pixel (0, 0), as in the plugins.
    float overlap(const Box& a, const Box& b) const {
        if (isNormalized) return overlapOf(a, b);
        const bool isApart = b.x1 > a.x2 || b.x2 < a.x1 || b.y1 > a.y2 || b.y2 < a.y1;
        const float more = isCaffe ? 1 : 0;
        const float width = (isApart ? 0 : std::min(a.x2, b.x2) - std::max(a.x1, b.x1)) + more;
        const float height = (isApart ? 0 : std::min(a.y2, b.y2) - std::max(a.y1, b.y1)) + more;
        if (!(width > 0 && height > 0)) return 0;
        const auto area = [](const Box& v) { return (v.x2 - v.x1 + 1) * (v.y2 - v.y1 + 1); };
        return width * height / (area(a) + area(b) - width * height);
    }
};

}  // namespace tenon::tensorrt
