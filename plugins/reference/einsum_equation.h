// The equation of an Einsum, taken apart.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// Letters, then the dims that an ellipsis stands for, the last of them last.
inline constexpr int kEinsumLetters = 52, kEinsumLabels = kEinsumLetters + abi::kMaxRank;

class EinsumEquation {
public:
    // ranks: of the inputs; -1 where only the form of the equation is to be checked.
    EinsumEquation(std::string_view equation, std::span<const int> ranks) {
        std::string text;
        for (const char c : equation)
            if (c != ' ') text += c;
        const std::size_t arrow = text.find("->");
        std::string_view left = std::string_view(text).substr(0, arrow);
        for (std::size_t i = 0; i < ranks.size(); ++i) {
            const std::size_t comma = left.find(',');
            if ((comma == std::string_view::npos) != (i + 1 == ranks.size()))
                throw sdk::Error("the equation \"" + text + "\" does not have " + std::to_string(ranks.size()) + " terms");
            inputs_.push_back(labelsOf(left.substr(0, comma), ranks[i]));
            left.remove_prefix(comma == std::string_view::npos ? left.size() : comma + 1);
        }
        if (arrow == std::string::npos) makeOutput();
        else output_ = labelsOf(std::string_view(text).substr(arrow + 2), -1, true);
        checkOutput();
    }
    // Label of dimension d of an input.
    int input(int i, int d) const { return inputs_[static_cast<std::size_t>(i)][static_cast<std::size_t>(d)]; }
    const std::vector<int>& output() const { return output_; }

private:
    static int letter(char c) {
        if (c >= 'A' && c <= 'Z') return c - 'A';
        if (c >= 'a' && c <= 'z') return c - 'a' + 26;
        throw sdk::Error(std::string("the equation has '") + c + "', which is no label");
    }
    // The output's ellipsis is as long as the longest of the inputs.
    std::vector<int> labelsOf(std::string_view term, int rank, bool isOutput = false) {
        std::vector<int> labels;
        const std::size_t dots = term.find("...");
        const auto letters = static_cast<int>(dots == std::string_view::npos ? term.size() : term.size() - 3);
        int hidden = isOutput ? ellipsis_ : rank - letters;
        if (rank >= 0 && (hidden < 0 || (hidden > 0 && dots == std::string_view::npos)))
            throw sdk::Error("the term \"" + std::string(term) + "\" does not fit an input of rank " + std::to_string(rank));
        if (dots == std::string_view::npos) hidden = 0;
        if (!isOutput) ellipsis_ = std::max(ellipsis_, hidden);
        for (std::size_t i = 0; i < term.size(); ++i) {
            if (i != dots) {
                labels.push_back(letter(term[i]));
                continue;
            }
            for (int k = hidden; k-- > 0;)
                labels.push_back(kEinsumLabels - 1 - k);
            i += 2;
        }
        return labels;
    }
    // Without an arrow: the ellipsis, then the labels that occur once, in order.
    void makeOutput() {
        std::array<int, kEinsumLabels> uses{};
        for (const auto& term : inputs_)
            for (const int label : term)
                ++uses[static_cast<std::size_t>(label)];
        for (int k = ellipsis_; k-- > 0;)
            output_.push_back(kEinsumLabels - 1 - k);
        for (int label = 0; label < kEinsumLetters; ++label)
            if (uses[static_cast<std::size_t>(label)] == 1) output_.push_back(label);
    }
    void checkOutput() const {
        for (auto at = output_.begin(); at != output_.end(); ++at) {
            if (std::find(at + 1, output_.end(), *at) != output_.end())
                throw sdk::Error("the equation's output names a label twice");
            const bool isKnown =
                std::ranges::any_of(inputs_, [&](const auto& term) { return std::ranges::find(term, *at) != term.end(); });
            if (!isKnown) throw sdk::Error("the equation's output has a label that no input has");
        }
    }

    std::vector<std::vector<int>> inputs_;
    std::vector<int> output_;
    int ellipsis_ = 0;  // dims that an ellipsis stands for
};

}  // namespace tenon::reference
