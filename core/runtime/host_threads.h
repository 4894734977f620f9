// How many host threads kernels use: OpenMP's setting of the calling thread, for a scope.
#pragma once

#include <omp.h>

namespace tenon {

constexpr int kInheritThreads = -1;  // ThreadScope: leave the setting as it is

// All processors when count is 0.
inline int hostThreads(int count) { return count > 0 ? count : omp_get_num_procs(); }

class ThreadScope {
public:
    explicit ThreadScope(int count) : before_(omp_get_max_threads()) {
        if (count != kInheritThreads) omp_set_num_threads(hostThreads(count));
    }
    ~ThreadScope() { omp_set_num_threads(before_); }
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;

private:
    int before_;
};

}  // namespace tenon
