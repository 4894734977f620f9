// Class probabilities out of pairwise ones.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace tenon::ml {

// p that minimises the sum over i, j of (r(j, i) p(i) - r(i, j) p(j))^2 with sum p = 1, where `pairs` holds r(i, j) for i < j and
// r(j, i) = 1 - r(i, j): the second method of T.-F. Wu, C.-J. Lin, R. C. Weng, "Probability estimates for multi-class
// classification by pairwise coupling" (2004), algorithm 2, with the step and stopping rule customary for it.
inline std::vector<double> pairwiseProbabilities(std::size_t k, const std::vector<double>& pairs) {
    std::vector<double> r(k * k), q(k * k), p(k, 1.0 / static_cast<double>(k)), qp(k);
    auto pair = pairs.begin();
    for (std::size_t i = 0; i < k; ++i)
        for (std::size_t j = i + 1; j < k; ++j) {
            r[i * k + j] = *pair;
            r[j * k + i] = 1 - *pair++;
        }
    for (std::size_t i = 0; i < k; ++i)
        for (std::size_t j = 0; j < k; ++j) {
            if (i == j) continue;
            q[i * k + i] += r[j * k + i] * r[j * k + i];
            q[i * k + j] = -r[j * k + i] * r[i * k + j];
        }
    const double tolerance = 0.005 / static_cast<double>(k);
    for (std::size_t round = 0; round < std::max<std::size_t>(100, k); ++round) {
        for (std::size_t i = 0; i < k; ++i)
            qp[i] = std::inner_product(p.begin(), p.end(), q.begin() + static_cast<std::ptrdiff_t>(i * k), 0.0);
        double pqp = std::inner_product(p.begin(), p.end(), qp.begin(), 0.0);
        if (std::ranges::all_of(qp, [&](double v) { return std::fabs(v - pqp) < tolerance; })) break;
        for (std::size_t i = 0; i < k; ++i) {
            const double step = (pqp - qp[i]) / q[i * k + i], scale = 1 / (1 + step);
            p[i] += step;
            pqp = (pqp + step * (step * q[i * k + i] + 2 * qp[i])) * scale * scale;
            for (std::size_t j = 0; j < k; ++j) {
                qp[j] = (qp[j] + step * q[i * k + j]) * scale;
                p[j] *= scale;
            }
        }
    }
    return p;
}

}  // namespace tenon::ml
