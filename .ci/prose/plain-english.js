// A rule for textlint, which finds words that our documents avoid, and sentences that are too long.
const { splitAST } = require("sentence-splitter");

const LONGEST = 30;
const NEVER_LONGER = 45;
/** The largest share of longer sentences in a document. One longer sentence is always permitted. */
const MOST_LONG = 0.05;

const WORDS = [
    [/\bmend(s|ed|ing)?\b/i, "fix"],
    [/\banew\b/i, "again"],
    [/\bstands?\b(?! for\b)/i, "is"],
    [/\b(tells?|telling|told)\b/i, "prints, reports, logs, says"],
    [/\botherwise than\b/i, "other than, differently from"],
    [/\bends? (badly|well)\b/i, "exits with a non-zero status, succeeds"],
    [/\brubbish\b/i, "malformed output"],
    [/\b(whoever|nobody's|somebody's)\b/i, "the noun, for example: any device that"],
    [/\b(for|to|of|by|and) who\b/i, "the noun, for example: for any device that asks"],
    [/(^|[.;:,] )[Ww]ho (is|has|asks?|wants?|knows?|does|tries|writes?|reads?)\b/, "the noun, for example: a device that"],
    [/\bnobody is there\b/i, "... is missing"],
    [/(?<!\bthere )\b(is|are|was|were) no (?!longer\b|more\b)\w+/i, "is not a ..."],
    [/\bmay be the reason\b/i, "the cause, only where it is known"],
    [/\bwhat everybody\b/i, "typical ..."],
];

/** The tables of these files contain the words of the requirements, which are fixed. */
const FIXED = /docs\/reference\/(specification|requirements)\.md$/;

/** Returns the prose of a node, with a placeholder for code. */
function prose(node) {
    if (node.type === "Code") return "code";
    if (node.children) return node.children.map(prose).join("");
    return node.value ?? "";
}

module.exports = function (context) {
    const { Syntax, RuleError, report, getFilePath } = context;
    let sentences = 0;
    const long = [];

    function check(node) {
        for (const [word, instead] of WORDS) {
            const found = prose(node).match(word);
            if (found) report(node, new RuleError(`"${found[0].trim()}": write ${instead}`));
        }
    }

    return {
        [Syntax.Header]: check,
        [Syntax.TableCell](node) {
            if (!FIXED.test(getFilePath() ?? "")) check(node);
        },
        [Syntax.Paragraph](node) {
            for (const sentence of splitAST(node).children) {
                if (sentence.type !== "Sentence") continue;
                check(sentence);
                sentences += 1;
                const words = prose(sentence).split(/\s+/).filter((word) => /\p{L}/u.test(word)).length;
                if (words > LONGEST) long.push({ sentence, words });
            }
        },
        [Syntax.DocumentExit]() {
            const permitted = Math.max(1, Math.floor(sentences * MOST_LONG));
            for (const { sentence, words } of long) {
                if (long.length > permitted || words > NEVER_LONGER) {
                    report(sentence, new RuleError(`${words} words: at most ${LONGEST} are easy to read`));
                }
            }
        },
    };
};
