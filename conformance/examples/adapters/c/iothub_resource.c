#include "iothub_resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PAYLOAD 16384 /* bytes, ENC-1 */
#define MAX_DEPTH 500     /* messages have at most 2 levels */

const char NO_CODE[] = "nested too deeply";

void *checked(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* --- JSON, strictly ---------------------------------------------------------------------------------------------- *
 *
 * cJSON does not check whether a text is valid JSON. It accepts control characters in strings, `01` as a number and any
 * byte up to 32 as white space. It skips a byte-order mark and does not distinguish `1` from `1.0`. Therefore, this
 * file checks the text first. */

static int is_utf8(const unsigned char *at, const unsigned char *end)
{
    while (at < end) {
        int more = *at < 0x80 ? 0 : *at < 0xE0 ? 1 : *at < 0xF0 ? 2 : 3;
        if ((*at >= 0x80 && *at < 0xC2) || *at > 0xF4 || end - at <= more)
            return 0;
        if ((*at == 0xE0 && at[1] < 0xA0) || (*at == 0xED && at[1] > 0x9F) || (*at == 0xF0 && at[1] < 0x90)
            || (*at == 0xF4 && at[1] > 0x8F))
            return 0; /* an overlong form, a surrogate, or beyond U+10FFFF */
        for (at++; more > 0; more--, at++)
            if ((*at & 0xC0) != 0x80)
                return 0;
    }
    return 1;
}

static int peek(const struct text *text)
{
    return text->at < text->end ? *text->at : -1;
}

static int skip(struct text *text, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(text->end - text->at) < length || memcmp(text->at, word, length) != 0)
        return 0;
    text->at += length;
    return 1;
}

static void skip_space(struct text *text)
{
    while (peek(text) == ' ' || peek(text) == '\t' || peek(text) == '\n' || peek(text) == '\r')
        text->at++;
}

static int skip_digits(struct text *text)
{
    const unsigned char *start = text->at;
    while (peek(text) >= '0' && peek(text) <= '9')
        text->at++;
    return text->at > start;
}

static int scan_number(struct text *text)
{
    const unsigned char *start = text->at;
    skip(text, "-");
    if (!skip(text, "0") && !skip_digits(text))
        return 0;
    if (text->at - start == 2 && memcmp(start, "-0", 2) == 0)
        text->odd_number = 1;
    if (skip(text, ".")) {
        text->odd_number = 1;
        if (!skip_digits(text))
            return 0;
    }
    if (skip(text, "e") || skip(text, "E")) {
        text->odd_number = 1;
        if (!skip(text, "+"))
            skip(text, "-");
        return skip_digits(text);
    }
    return 1;
}

static long hex4(struct text *text)
{
    char digits[5] = { 0 };
    if (text->end - text->at < 4)
        return -1;
    memcpy(digits, text->at, 4);
    if (strspn(digits, "0123456789abcdefABCDEF") != 4)
        return -1;
    text->at += 4;
    return strtol(digits, NULL, 16);
}

static int scan_string(struct text *text)
{
    if (!skip(text, "\""))
        return 0;
    while (!skip(text, "\"")) {
        if (peek(text) < 0x20)
            return 0;
        if (*text->at++ != '\\')
            continue;
        if (skip(text, "u")) {
            long unit = hex4(text);
            if (unit >= 0xD800 && unit <= 0xDBFF && skip(text, "\\u")) { /* must be a pair (ENC-8) */
                long low = hex4(text);
                unit = low >= 0xDC00 && low <= 0xDFFF ? 0 : -1;
            }
            if (unit < 0 || (unit >= 0xD800 && unit <= 0xDFFF))
                return 0;
        } else if (peek(text) <= 0 || strchr("\"\\/bfnrt", *text->at++) == NULL) {
            return 0;
        }
    }
    return 1;
}

static int scan_value(struct text *text, int depth)
{
    int object = peek(text) == '{';
    const char *end = object ? "}" : "]";
    if (peek(text) == '"')
        return scan_string(text);
    if (!object && peek(text) != '[')
        return skip(text, "true") || skip(text, "false") || skip(text, "null") || scan_number(text);
    text->at++;
    skip_space(text);
    text->too_deep = depth == MAX_DEPTH;
    if (text->too_deep || skip(text, end))
        return !text->too_deep;
    do {
        unsigned char *key, *value;
        size_t key_length;
        skip_space(text);
        key = text->at;
        if (object && !scan_string(text))
            return 0;
        key_length = (size_t)(text->at - key);
        skip_space(text);
        if (object && !skip(text, ":"))
            return 0;
        skip_space(text);
        value = text->at;
        if (!scan_value(text, depth + 1))
            return 0;
        if (depth == 0 && key_length == 4 && memcmp(key, "\"id\"", 4) == 0 && strchr("-0123456789", *value) != NULL)
            snprintf(text->id, sizeof text->id, "%.*s", (int)(text->at - value), (char *)value);
        skip_space(text);
    } while (skip(text, ","));
    return skip(text, end);
}

cJSON *read_json(struct text *text, const char **code)
{
    unsigned char *start = text->at, *from, *to;
    cJSON *json;
    *code = is_utf8(text->at, text->end) ? "invalid-json" : "not-utf8";
    skip_space(text);
    if (**code == 'n' || !scan_value(text, 0)) {
        *code = text->too_deep ? NO_CODE : *code;
        return NULL;
    }
    skip_space(text);
    if (text->at != text->end)
        return NULL;
    for (from = to = start; from < text->end;) {
        if (text->end - from >= 6 && memcmp(from, "\\u0000", 6) == 0) {
            memcpy(to, NUL, 2);
            from += 6, to += 2;
        } else {
            if (*from == '\\')
                *to++ = *from++;
            *to++ = *from++;
        }
    }
    json = cJSON_ParseWithLength((const char *)start, (size_t)(to - start));
    *code = json != NULL ? NULL : NO_CODE; /* an integer with more than 63 digits */
    return json;
}

/* --- Base64 (RFC 4648, section 4): padded and canonical ----------------------------------------------------------- */

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_decode(const char *text, unsigned char *bytes, size_t *length)
{
    unsigned long bits = 0;
    size_t count = strlen(text), digits = count, at;
    while (digits > 0 && count - digits < 2 && text[digits - 1] == '=')
        digits--;
    if (count % 4 != 0)
        return 0;
    for (*length = 0, at = 0; at < digits; at++) {
        const char *digit = strchr(ALPHABET, text[at]);
        if (digit == NULL)
            return 0;
        bits = (bits << 6 | (unsigned long)(digit - ALPHABET)) & 0xFFFFFF;
        if (at % 4 != 0)
            bytes[(*length)++] = (unsigned char)(bits >> (6 - at % 4 * 2));
    }
    /* The spare bits must be 0. */
    return digits % 4 == 0 || (bits & (digits % 4 == 2 ? 0xF : 0x3)) == 0;
}

static void base64_encode_16(const unsigned char bytes[16], char text[25])
{
    int at;
    for (at = 0; at < 22; at++) {
        int bit = at * 6, byte = bit / 8;
        unsigned int pair = (unsigned int)bytes[byte] << 8 | (byte < 15 ? bytes[byte + 1] : 0u);
        text[at] = ALPHABET[pair >> (10 - bit % 8) & 0x3F];
    }
    memcpy(text + 22, "==", 3);
}

/* --- The implementation: each function returns NULL, or a code from the specification ----------------------------- */

static const char ALNUM[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
static const char DEVICE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:_-";

const char *parse_topic(const char *topic, const char **direction, const char **product, size_t *product_length,
                               const char **device)
{
    static const char up[] = "$resource/up/service/", down[] = "$resource/down/service/";
    int is_up = strncmp(topic, up, sizeof up - 1) == 0;
    if (!is_up && strncmp(topic, down, sizeof down - 1) != 0)
        return "invalid-topic";
    *direction = is_up ? "up" : "down";
    *product = topic + (is_up ? sizeof up : sizeof down) - 1;
    *product_length = strspn(*product, ALNUM);
    if (*product_length < 1 || *product_length > 10 || (*product)[*product_length] != '/')
        return "invalid-topic";
    *device = *product + *product_length + 1;
    if (strlen(*device) < 1 || strlen(*device) > 48 || strspn(*device, DEVICE) != strlen(*device))
        return "invalid-topic";
    return NULL;
}

static int is_md5sum(const char *text)
{
    return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

static int is_url(const char *url)
{
    const char *start, *end, *at;
    for (at = url; *at != '\0'; at++)
        if (*at < '!' || *at > '~')
            return 0;
    for (start = url, at = "http"; *at != '\0'; at++, start++)
        if ((*start | 0x20) != *at)
            return 0;
    start += (*start | 0x20) == 's';
    if (strncmp(start, "://", 3) != 0)
        return 0;
    start += 3;
    end = start + strcspn(start, "/?#");
    for (at = start; at < end; at++)
        if (*at == '@')
            start = at + 1;
    for (at = end; at > start && at[-1] >= '0' && at[-1] <= '9';)
        at--;
    if (at > start && at[-1] == ':')
        end = at - 1;
    return end > start;
}

struct kind {
    const char *type, *direction, *keys[5], *state;
};

static const struct kind KINDS[] = { /* MSG-1 to MSG-8 */
    { "create_upload_task", "up", { "size", "name", "md5sum" }, NULL },
    { "create_upload_task_rsp", "down", { "size", "name", "md5sum", "url" }, NULL },
    { "report_upload_progress", "up", { "name", "progress" }, "uploading" },
    { "report_upload_progress_rsp", "down", { "result_code", "result_msg" }, NULL },
    { "get_download_task", "up", { NULL }, NULL },
    { "get_download_task_rsp", "down", { "size", "name", "md5sum", "url" }, NULL },
    { "report_download_progress", "up", { "name", "progress" }, "downloading" },
    { "report_download_progress_rsp", "down", { "result_code", "result_msg" }, NULL },
};
static const char *const TOP[] = { "type",     "size",        "name",       "md5sum", "url",
                                   "progress", "result_code", "result_msg", NULL };
static const char *const PROGRESS[] = { "state", "percent", "result_code", "result_msg", NULL };

static int is_among(const char *key, const char *const *keys)
{
    while (*keys != NULL && strcmp(key, *keys) != 0)
        keys++;
    return *keys != NULL;
}

static const char *find_duplicate(const cJSON *object, const char *const *vocabulary)
{
    const cJSON *member, *later;
    cJSON_ArrayForEach(member, object) if (is_among(member->string, vocabulary))
        for (later = member->next; later != NULL; later = later->next)
            if (strcmp(member->string, later->string) == 0)
                return "duplicate-key";
    return NULL;
}

static const char *read_fields(const cJSON *object, const struct kind *kind, const char *const *keys, int odd_number,
                               cJSON *message);

static const char *read_field(const cJSON *value, const char *key, const struct kind *kind, int odd_number,
                              cJSON *message)
{
    static const struct { const char *key; double lowest, highest; } INTEGERS[] = {
        { "size", 0, 9007199254740991.0 }, { "percent", 0, 100 }, { "result_code", -2147483648.0, 2147483647.0 }
    };
    const char *text = cJSON_GetStringValue(value);
    size_t at;
    if (strcmp(key, "progress") == 0) {
        const char *code = cJSON_IsObject(value) ? find_duplicate(value, PROGRESS) : "wrong-type";
        cJSON *progress = checked(cJSON_AddObjectToObject(message, "progress"));
        return code != NULL ? code : read_fields(value, kind, PROGRESS, odd_number, progress);
    }
    for (at = 0; at < sizeof INTEGERS / sizeof *INTEGERS; at++)
        if (strcmp(key, INTEGERS[at].key) == 0) {
            char digits[32];
            if (!cJSON_IsNumber(value) || odd_number)
                return "wrong-type";
            if (value->valuedouble < INTEGERS[at].lowest || value->valuedouble > INTEGERS[at].highest)
                return "out-of-range";
            snprintf(digits, sizeof digits, "%.0f", value->valuedouble);
            checked(cJSON_AddRawToObject(message, key, digits));
            return NULL;
        }
    if (text == NULL)
        return "wrong-type";
    if (strcmp(key, "name") == 0) { /* VAL-2 */
        const char *character = text;
        while ((unsigned char)*character >= 0x20 && *character != 0x7F)
            character++;
        if (*text == '\0' || *character != '\0' || strstr(text, NUL) != NULL)
            return "invalid-name";
    }
    if (strcmp(key, "md5sum") == 0 && !is_md5sum(text))
        return "invalid-md5sum";
    if (strcmp(key, "url") == 0 && !is_url(text))
        return "invalid-url";
    if (strcmp(key, "state") == 0 && strcmp(text, kind->state) != 0)
        return "invalid-state";
    checked(cJSON_AddStringToObject(message, key, text));
    return NULL;
}

/* Reads an object that must have exactly these keys, and `type` at the top level. */
static const char *read_fields(const cJSON *object, const struct kind *kind, const char *const *keys, int odd_number,
                               cJSON *message)
{
    const cJSON *member;
    const char *code = NULL;
    cJSON_ArrayForEach(member, object) if (!is_among(member->string, keys)
                                           && (keys == PROGRESS || strcmp(member->string, "type") != 0))
        return "unknown-field";
    for (; *keys != NULL && code == NULL; keys++) {
        member = cJSON_GetObjectItemCaseSensitive(object, *keys);
        code = member == NULL ? "missing-field" : read_field(member, *keys, kind, odd_number, message);
    }
    return code;
}

static const char *read_message(const cJSON *object, const char *direction, int odd_number, cJSON *message)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(object, "type");
    size_t at = 0;
    if (!cJSON_IsObject(object))
        return "not-an-object";
    if (find_duplicate(object, TOP) != NULL)
        return "duplicate-key";
    if (!cJSON_IsString(type))
        return type == NULL ? "missing-type" : "wrong-type";
    while (at < sizeof KINDS / sizeof *KINDS && strcmp(type->valuestring, KINDS[at].type) != 0)
        at++;
    if (at == sizeof KINDS / sizeof *KINDS)
        return "unknown-type";
    if (strcmp(direction, KINDS[at].direction) != 0)
        return "wrong-direction";
    checked(cJSON_AddStringToObject(message, "type", KINDS[at].type));
    return read_fields(object, &KINDS[at], KINDS[at].keys, odd_number, message);
}

const char *decode_payload(unsigned char *payload, size_t length, const char *direction, cJSON *message)
{
    struct text text = { payload, payload + length, "", 0, 0 };
    cJSON *json;
    const char *code;
    if (length > MAX_PAYLOAD)
        return "payload-too-large";
    json = read_json(&text, &code);
    if (json != NULL)
        code = read_message(json, direction, text.odd_number, message);
    cJSON_Delete(json);
    return code;
}

const char *content_md5_of(const char *md5sum, char content_md5[25])
{
    unsigned char bytes[16];
    int at;
    if (!is_md5sum(md5sum))
        return "invalid-md5sum";
    for (at = 0; at < 16; at++) {
        char digits[3] = { md5sum[at * 2], md5sum[at * 2 + 1], '\0' };
        bytes[at] = (unsigned char)strtoul(digits, NULL, 16);
    }
    base64_encode_16(bytes, content_md5);
    return NULL;
}

const char *md5sum_of(const char *content_md5, char md5sum[33]) /* HTTP-2 */
{
    unsigned char bytes[24];
    size_t length, at;
    if (strlen(content_md5) != 24 || !base64_decode(content_md5, bytes, &length) || length != 16)
        return "invalid-content-md5";
    for (at = 0; at < 16; at++)
        snprintf(md5sum + at * 2, 3, "%02x", bytes[at]);
    return NULL;
}
