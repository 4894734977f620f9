// The options that several subcommands share: which libraries, how to build, which shapes.
#pragma once

#include <tenon/builder.h>
#include <tenon/registry/registry.h>
#include <tenon/timing_cache.h>

#include <map>
#include <memory>
#include <string>

#include "arguments.h"

namespace tenon::cli {

class CommonOptions {
public:
    explicit CommonOptions(Arguments& arguments) : arguments_(arguments) {}
    CommonOptions(const CommonOptions&) = delete;
    CommonOptions& operator=(const CommonOptions&) = delete;

    // The option groups; call those that the subcommand has before parsing.
    void addLibraries();  // --plugin --log
    void addBuild();      // --device --threads --builderOptimizationLevel ...
    void addShapes();     // --minShapes --optShapes --maxShapes --shapes

    // After parsing.
    // Throws Error(badInput) when a library given by name is refused or libraries contradict each other.
    std::unique_ptr<Registry> openRegistry() const { return openRegistry(registry_); }
    static std::unique_ptr<Registry> openRegistry(const RegistryOptions& options);
    const RegistryOptions& registryOptions() const { return registry_; }
    BuilderOptions& builder() { return builder_; }
    const BuilderOptions& builder() const { return builder_; }
    // Moves the shapes into the builder's profile, filling min, opt and max from each other.
    void finishProfile();
    void loadTimingCache();
    void saveTimingCache() const;
    // Throws UsageError when an option was given that only a build can follow.
    void refuseBuildOptions(const std::string& planFile) const;
    const std::map<std::string, ShapeRange>& shapes() const { return builder_.profile.shapes; }

private:
    void addShapeOption(const char* name, const char* help, std::initializer_list<std::map<std::string, Dims>*> targets);

    Arguments& arguments_;
    RegistryOptions registry_;
    BuilderOptions builder_;
    TimingCache cache_;
    std::string cacheFile_;
    std::map<std::string, Dims> min_, opt_, max_;
};

}  // namespace tenon::cli
