// Creators: their facts, and attributes that they must take or refuse.
#include <algorithm>
#include <cstring>
#include <limits>

#include "host.h"
#include "subject.h"
#include "verdict.h"

namespace tenon::check {

namespace {
constexpr int kGuesses = 200;

std::string plural(int n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }
}  // namespace

abi::LayerInfo smallestLayer(const abi::CreatorInfo& info) {
    return {"tenon_check", info.minInputs, std::max(info.minOutputs, 1),
            info.lastVersion != 0 ? info.lastVersion : std::max(info.sinceVersion, 1), 0};
}

std::string takeReason(const std::string& what) {
    std::string reason = takeMessage();
    require(!reason.empty(), what + " fails without a message");
    return reason;
}

PluginPtr create(const Subject& subject, const abi::LayerInfo& layer, const FieldSet& fields, std::string* why) {
    takeMessage();
    PluginPtr plugin(subject.creator->create(&layer, fields.data(), fields.count()));
    if (plugin == nullptr) {
        const std::string reason = takeReason("create(" + fields.text() + ")");
        if (reason.find("must be ") != std::string::npos) learnWords(reason);
        if (why != nullptr) *why = reason;
    } else {
        giveNetworks(*plugin);
    }
    return plugin;
}

PluginPtr createAny(const Subject& subject) {
    RandomSource random(subject.seed);
    std::string why;
    for (int i = 0; i < kGuesses; ++i) {
        FieldSet fields;
        fields.addRequired(*subject.info, random);
        if (i >= kGuesses / 2) fields.addSomeOptional(*subject.info, random);  // it may want more than it declares as required
        if (PluginPtr plugin = create(subject, smallestLayer(*subject.info), fields, &why)) return plugin;
    }
    throw Skipped{"no attributes could be guessed that it takes: " + why};
}

std::string checkInfo(const Subject& subject) {
    const abi::CreatorInfo before = *subject.info;
    for (int i = 0; i < 3; ++i) {
        const abi::CreatorInfo* again = subject.creator->info();
        require(again == subject.info, "info() returns another pointer when asked again");
        require(std::memcmp(again, &before, sizeof before) == 0, "info() changes its content");
    }
    return "";
}

std::string checkCreate(const Subject& subject) {
    const FieldSet none;
    std::string why;
    const bool needsSome = std::any_of(subject.info->fields, subject.info->fields + subject.info->fieldCount,
                                       [](const abi::FieldDecl& f) { return f.required != 0; });
    const PluginPtr plain = create(subject, smallestLayer(*subject.info), none, &why);
    require(!needsSome || plain == nullptr, "a required attribute is missing and create() does not mind");
    createAny(subject);
    return needsSome ? "refuses missing attributes: " + why : "";
}

std::string checkUnknownAttribute(const Subject& subject) {
    RandomSource random(subject.seed);
    FieldSet fields;
    fields.addRequired(*subject.info, random);
    fields.addUnknown();
    std::string why;
    require(create(subject, smallestLayer(*subject.info), fields, &why) == nullptr,
            "create() takes an attribute that it does not know");
    return why;
}

std::string checkWrongType(const Subject& subject) {
    for (std::int32_t i = 0; i < subject.info->fieldCount; ++i) {
        RandomSource random(subject.seed);
        FieldSet fields;
        fields.addRequired(*subject.info, random);
        fields.addOfWrongType(subject.info->fields[i]);
        require(create(subject, smallestLayer(*subject.info), fields) == nullptr,
                std::string("create() takes attribute '") + subject.info->fields[i].name + "' with a value of the wrong type");
    }
    // Values of the right type may be nonsense: refused or not, nothing may break.
    RandomSource random(subject.seed);
    int taken = 0;
    constexpr int kDraws = 100;
    for (int i = 0; i < kDraws; ++i) {
        FieldSet fields;
        fields.addRequired(*subject.info, random);
        fields.addSomeOptional(*subject.info, random);
        if (create(subject, smallestLayer(*subject.info), fields) != nullptr) ++taken;
    }
    if (subject.info->fieldCount == 0) throw Skipped{"it has no attributes"};
    return plural(subject.info->fieldCount, "attribute") + "; " + std::to_string(taken) + " of " + std::to_string(kDraws) +
           " random sets taken";
}

}  // namespace tenon::check
