#include "mutate_message.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <limits>
#include <memory>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maxSize);

namespace tenon::fuzz {

namespace {
namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

constexpr std::int64_t kNumbers[] = {
    0,    1,    -1,    2,         3,         7,         8,         16,        17,        63,        64,        255,          256,
    1000, 4096, 65536, 1LL << 20, INT32_MAX, INT32_MIN, 1LL << 32, 1LL << 40, 1LL << 62, INT64_MAX, INT64_MIN, INT64_MIN + 1};
constexpr float kFloats[] = {
    0, 1, -1, 0.5F, 1e-30F, 1e30F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()};

class Mutator {
public:
    Mutator(pb::Message& root, unsigned seed, const std::vector<std::string>& words) : random_(seed), words_(words) {
        collect(root);
    }

    void operator()() {
        pb::Message& message = *messages_[below(messages_.size())];
        const pb::Descriptor* type = message.GetDescriptor();
        if (type->field_count() == 0) return;
        const Field* field = type->field(static_cast<int>(below(static_cast<std::size_t>(type->field_count()))));
        if (field->is_repeated()) changeRepeated(message, field);
        else changeSingle(message, field);
    }

private:
    std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
    bool oneIn(std::size_t n) { return below(n) == 0; }

    void collect(pb::Message& message) {
        messages_.push_back(&message);
        const auto* reflection = message.GetReflection();
        std::vector<const Field*> fields;
        reflection->ListFields(message, &fields);
        for (const Field* f : fields) {
            const int count = f->is_repeated() ? reflection->FieldSize(message, f) : 1;
            for (int i = 0; i < count && f->cpp_type() == Field::CPPTYPE_MESSAGE; ++i)
                collect(f->is_repeated() ? *reflection->MutableRepeatedMessage(&message, f, i)
                                         : *reflection->MutableMessage(&message, f));
            for (int i = 0; i < count && f->cpp_type() == Field::CPPTYPE_STRING; ++i)
                strings_.push_back(f->is_repeated() ? reflection->GetRepeatedString(message, f, i)
                                                    : reflection->GetString(message, f));
        }
    }

    void changeSingle(pb::Message& message, const Field* field) {
        const auto* reflection = message.GetReflection();
        if (oneIn(8)) return reflection->ClearField(&message, field);
        switch (field->cpp_type()) {
            case Field::CPPTYPE_INT32: return reflection->SetInt32(&message, field, static_cast<std::int32_t>(number()));
            case Field::CPPTYPE_INT64: return reflection->SetInt64(&message, field, number());
            case Field::CPPTYPE_UINT32: return reflection->SetUInt32(&message, field, static_cast<std::uint32_t>(number()));
            case Field::CPPTYPE_UINT64: return reflection->SetUInt64(&message, field, static_cast<std::uint64_t>(number()));
            case Field::CPPTYPE_FLOAT: return reflection->SetFloat(&message, field, real());
            case Field::CPPTYPE_DOUBLE: return reflection->SetDouble(&message, field, real());
            case Field::CPPTYPE_BOOL: return reflection->SetBool(&message, field, oneIn(2));
            case Field::CPPTYPE_ENUM: return reflection->SetEnumValue(&message, field, static_cast<int>(below(24)));
            case Field::CPPTYPE_STRING:
                return reflection->SetString(&message, field, text(reflection->GetString(message, field)));
            case Field::CPPTYPE_MESSAGE: {
                const auto copy = part(field->message_type());
                return reflection->MutableMessage(&message, field)->CopyFrom(*copy);
            }
        }
    }

    void changeRepeated(pb::Message& message, const Field* field) {
        const auto* reflection = message.GetReflection();
        const int size = reflection->FieldSize(message, field);
        const int at = static_cast<int>(below(static_cast<std::size_t>(size)));
        if (size > 0 && oneIn(4)) {
            reflection->SwapElements(&message, field, at, size - 1);
            return reflection->RemoveLast(&message, field);
        }
        if (size > 1 && oneIn(4))
            return reflection->SwapElements(&message, field, at, static_cast<int>(below(static_cast<std::size_t>(size))));
        if (size > 0 && oneIn(2)) return changeElement(message, field, at);
        add(message, field);
    }

    void changeElement(pb::Message& message, const Field* field, int at) {
        const auto* reflection = message.GetReflection();
        switch (field->cpp_type()) {
            case Field::CPPTYPE_INT32:
                return reflection->SetRepeatedInt32(&message, field, at, static_cast<std::int32_t>(number()));
            case Field::CPPTYPE_INT64: return reflection->SetRepeatedInt64(&message, field, at, number());
            case Field::CPPTYPE_UINT64:
                return reflection->SetRepeatedUInt64(&message, field, at, static_cast<std::uint64_t>(number()));
            case Field::CPPTYPE_FLOAT: return reflection->SetRepeatedFloat(&message, field, at, real());
            case Field::CPPTYPE_DOUBLE: return reflection->SetRepeatedDouble(&message, field, at, real());
            case Field::CPPTYPE_STRING:
                return reflection->SetRepeatedString(&message, field, at,
                                                     text(reflection->GetRepeatedString(message, field, at)));
            case Field::CPPTYPE_MESSAGE: {
                const auto copy = part(field->message_type());
                return reflection->MutableRepeatedMessage(&message, field, at)->CopyFrom(*copy);
            }
            default: return;
        }
    }

    void add(pb::Message& message, const Field* field) {
        const auto* reflection = message.GetReflection();
        switch (field->cpp_type()) {
            case Field::CPPTYPE_INT32: return reflection->AddInt32(&message, field, static_cast<std::int32_t>(number()));
            case Field::CPPTYPE_INT64: return reflection->AddInt64(&message, field, number());
            case Field::CPPTYPE_UINT64: return reflection->AddUInt64(&message, field, static_cast<std::uint64_t>(number()));
            case Field::CPPTYPE_FLOAT: return reflection->AddFloat(&message, field, real());
            case Field::CPPTYPE_DOUBLE: return reflection->AddDouble(&message, field, real());
            case Field::CPPTYPE_STRING: return reflection->AddString(&message, field, text(""));
            case Field::CPPTYPE_MESSAGE: {
                const auto copy = part(field->message_type());
                return reflection->AddMessage(&message, field)->CopyFrom(*copy);
            }
            default: return;
        }
    }

    // A copy of another part of the type, or an empty one. Made before anything is changed: setting one field of a oneof deletes
    // the other, and the part that is copied may hold, or lie in, what it will replace.
    std::unique_ptr<pb::Message> part(const pb::Descriptor* type) {
        std::vector<const pb::Message*> alike;
        for (const pb::Message* m : messages_)
            if (m->GetDescriptor() == type) alike.push_back(m);
        std::unique_ptr<pb::Message> copy(pb::MessageFactory::generated_factory()->GetPrototype(type)->New());
        constexpr std::size_t kMost = 1 << 16;
        const pb::Message* chosen = alike.empty() ? nullptr : alike[below(alike.size())];
        if (chosen != nullptr && chosen->ByteSizeLong() < kMost) copy->CopyFrom(*chosen);
        return copy;
    }

    std::int64_t number() {
        if (oneIn(3)) return static_cast<std::int64_t>(below(24)) - 4;
        return kNumbers[below(std::size(kNumbers))];
    }
    float real() { return oneIn(2) ? static_cast<float>(number()) : kFloats[below(std::size(kFloats))]; }

    std::string text(std::string old) {
        if (!strings_.empty() && oneIn(2)) return strings_[below(strings_.size())];
        if (!words_.empty() && oneIn(2)) return words_[below(words_.size())];
        const std::size_t size = old.size(), most = size + 16;
        old.resize(most);
        old.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(old.data()), size, most));
        return old;
    }

    std::mt19937 random_;
    const std::vector<std::string>& words_;
    std::vector<pb::Message*> messages_;
    std::vector<std::string> strings_;
};
}  // namespace

void mutateMessage(pb::Message& message, unsigned seed, const std::vector<std::string>& words) {
    for (unsigned i = 0; i <= seed % 4; ++i)  // anew each time: a change may remove parts that were collected
        Mutator(message, seed + i * 7919, words)();
}

}  // namespace tenon::fuzz
