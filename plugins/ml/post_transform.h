// What ONNX-ML operators do to the scores of one row before they write them.
#pragma once

#include <tenon/sdk/sdk.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tenon::ml {

enum class PostTransform { none, softmax, logistic, softmaxZero, probit };  // numbered as in TreeEnsemble opset 5
inline constexpr const char* kPostTransforms = "NONE|SOFTMAX|LOGISTIC|SOFTMAX_ZERO|PROBIT";

// `name` is one of kPostTransforms.
inline PostTransform postTransformOf(const std::string& name) {
    constexpr std::array<std::string_view, 5> kNames{"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
    return static_cast<PostTransform>(std::ranges::find(kNames, name) - kNames.begin());
}

inline double logistic(double v) {
    const double upper = 1 / (1 + std::exp(-std::fabs(v)));
    return v < 0 ? 1 - upper : upper;
}

// The quantile of the normal distribution as other ONNX-ML runtimes have it: sqrt(2) erfinv(2 v - 1), with the closed form
// of S. Winitzki, "A handy approximation for the error function and its inverse" (2008), a = 0.147.
inline double probit(double v) {
    constexpr double a = 0.147;
    const double x = 2 * v - 1;
    const double logarithm = std::log((1 - x) * (1 + x));
    const double half = 2 / (std::numbers::pi * a) + logarithm / 2;
    const double root = std::sqrt(std::sqrt(half * half - logarithm / a) - half);
    return std::copysign(std::numbers::sqrt2 * root, x);
}

// exp(v - max) / sum; with `keepZeros` scores of zero are no part of it and stay zero.
inline void softmax(std::span<double> scores, bool keepZeros) {
    if (scores.empty()) return;
    const double greatest = *std::ranges::max_element(scores);
    double sum = 0;
    for (double& v : scores) {
        const bool isZero = keepZeros && std::fabs(v) <= 1e-7;
        v = isZero ? v * std::exp(-greatest) : std::exp(v - greatest);
        sum += v;
    }
    for (double& v : scores)
        v = sum == 0 ? 0.5 : v / sum;
}

// Every score, or all of them together.
inline void transformScores(PostTransform kind, std::span<double> scores) {
    switch (kind) {
        case PostTransform::none: break;
        case PostTransform::softmax: softmax(scores, false); break;
        case PostTransform::softmaxZero: softmax(scores, true); break;
        case PostTransform::logistic: std::ranges::transform(scores, scores.begin(), logistic); break;
        case PostTransform::probit: std::ranges::transform(scores, scores.begin(), probit); break;
    }
}

// The scores of two classes of which one score speaks for the second. As other runtimes have it, the first then has 1 - score if
// `isComplement`, else -score, and SOFTMAX does nothing.
inline void binaryScores(PostTransform kind, double score, bool isComplement, std::span<double> both) {
    const bool isLogistic = kind == PostTransform::logistic, isProbit = kind == PostTransform::probit;
    both[0] = isProbit || (isComplement && !isLogistic) ? 1 - score : -score;
    both[1] = score;
    if (isLogistic || isProbit) transformScores(kind, both);
}

// Of a single score only the probit is taken, as other runtimes have it.
inline void transformScoresOrOne(PostTransform kind, std::span<double> scores) {
    if (scores.size() > 1 || kind == PostTransform::probit) transformScores(kind, scores);
}

}  // namespace tenon::ml
