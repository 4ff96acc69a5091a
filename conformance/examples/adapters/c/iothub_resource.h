/* Tencent Cloud IoT Hub "resource management" in C99 with cJSON: messages of the profile `documented`, topics, and the
 * header `Content-MD5`. The ids in comments are those of requirements in the project's specification (`docs/`).
 *
 * Functions that return a text return NULL on success, and otherwise a code from the specification. */
#ifndef IOTHUB_RESOURCE_H
#define IOTHUB_RESOURCE_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* These two bytes represent U+0000 in strings, which end at the first NUL in C. They never occur in UTF-8. */
#define NUL "\xC0\x80"

/* A rejection without a code: the text is nested too deeply for a complete check. Compare its address. */
extern const char NO_CODE[];

struct text {
    unsigned char *at, *end;
    char id[64];    /* the number under the key `id` at the top level, in its original spelling, or "" */
    int too_deep;   /* whether the text is too deep for this check; cJSON fails at 1,000 levels */
    int odd_number; /* whether the text has a fraction, an exponent or `-0`, which no message may have (ENC-9) */
};

/* Returns the JSON value in a text, or NULL and a code if the text is not valid JSON. Changes the bytes of the text. */
cJSON *read_json(struct text *text, const char **code);

/* Decodes a payload, whose bytes are changed, and adds its keys and values to `message`. */
const char *decode_payload(unsigned char *payload, size_t length, const char *direction, cJSON *message);

/* Parses a topic. The results are pointers into the topic, except for `direction`. */
const char *parse_topic(const char *topic, const char **direction, const char **product, size_t *product_length,
                        const char **device);

const char *content_md5_of(const char *md5sum, char content_md5[25]);
const char *md5sum_of(const char *content_md5, char md5sum[33]);

/* Decodes padded, canonical Base64. Returns 0 for any other text. `bytes` must be at least as long as `text`. */
int base64_decode(const char *text, unsigned char *bytes, size_t *length);

/* Returns `memory`. Aborts the program if `memory` is NULL, which means that an allocation has failed. */
void *checked(void *memory);

#endif
