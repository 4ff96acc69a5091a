/* Tencent Cloud IoT Hub "resource management" in C99 over cJSON: messages of the profile `documented`, topics, and the
 * digest of HTTP. The ids in comments are the requirements of the project's specification (`docs/`).
 *
 * Functions that return a text return NULL where all is well, else one of the specification's codes. */
#ifndef IOTHUB_RESOURCE_H
#define IOTHUB_RESOURCE_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* What stands for U+0000 in strings, which end at the first NUL here. UTF-8 never has these two bytes. */
#define NUL "\xC0\x80"

/* A refusal that has no code: nested too deeply to say what else is wrong. Compared by its address. */
extern const char NO_CODE[];

struct text {
    unsigned char *at, *end;
    char id[64];    /* the number under the key `id` at the top, as it was written; else "" */
    int too_deep;   /* for cJSON, which gives up at 1,000 levels */
    int odd_number; /* a fraction, an exponent or `-0`: no message may have one (ENC-9) */
};

/* Reads the one JSON value of a text, strictly. The bytes are changed. Where it is none, NULL and a code. */
cJSON *read_json(struct text *text, const char **code);

/* Fills `message` with the keys and values of a payload, whose bytes are changed. */
const char *decode_payload(unsigned char *payload, size_t length, const char *direction, cJSON *message);

/* The parts point into the topic. */
const char *parse_topic(const char *topic, const char **direction, const char **product, size_t *product_length,
                        const char **device);

const char *content_md5_of(const char *md5sum, char content_md5[25]);
const char *md5sum_of(const char *content_md5, char md5sum[33]);

/* Padded, canonical Base64. `bytes` has room for as many as the text has characters. Returns whether it is. */
int base64_decode(const char *text, unsigned char *bytes, size_t *length);

/* What was allocated; without memory, there is nothing to go on with. */
void *checked(void *memory);

#endif
