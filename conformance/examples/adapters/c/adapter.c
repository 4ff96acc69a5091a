/*
 * An adapter in C99 with cJSON, for the implementation in `iothub_resource.c`.
 *
 *     iothub-conformance run --testee ./adapter
 *
 * The runner writes one JSON object per line to the standard input of the adapter. It reads the answers from the
 * standard output, one JSON object per line, in the same order. To test your own code, let the functions under
 * "Operations" call it. Remove unsupported operations from `OPERATIONS`. The suite then skips their cases.
 */
#include "iothub_resource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Operations: each function fills `ok` or returns a code ------------------------------------------------------- */

static const char SENSELESS[] = "the arguments are malformed", UNSUPPORTED[] = "unsupported"; /* compared by address */

/* Returns an argument that is a string, or "" if it is missing or has a different type. */
static const char *string(const cJSON *request, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, key));
    return text != NULL ? text : "";
}

static int is_direction(const char *text)
{
    return strcmp(text, "up") == 0 || strcmp(text, "down") == 0;
}

static const char *hello(const cJSON *request, cJSON *ok);

static const char *decode(const cJSON *request, cJSON *ok)
{
    const cJSON *profile = cJSON_GetObjectItemCaseSensitive(request, "profile");
    const char *direction = string(request, "direction"), *base64 = string(request, "payload"), *code;
    unsigned char *payload;
    size_t length;
    if (profile != NULL && strcmp(string(request, "profile"), "documented") != 0)
        return UNSUPPORTED;
    if (!is_direction(direction) || !cJSON_IsString(cJSON_GetObjectItemCaseSensitive(request, "payload")))
        return SENSELESS;
    payload = checked(malloc(strlen(base64) + 1));
    code = base64_decode(base64, payload, &length)
               ? decode_payload(payload, length, direction, checked(cJSON_AddObjectToObject(ok, "message")))
               : SENSELESS;
    free(payload);
    return code;
}

static const char *topic_format(const cJSON *request, cJSON *ok)
{
    const char *direction = string(request, "direction"), *product = string(request, "product_id");
    const char *device = string(request, "device_name"), *read_direction, *read_product, *read_device;
    char topic[128];
    size_t length;
    int written = snprintf(topic, sizeof topic, "$resource/%s/service/%s/%s", direction, product, device);
    if (!is_direction(direction))
        return SENSELESS;
    /* A topic that cannot be parsed is invalid. */
    if (written < 0 || (size_t)written >= sizeof topic
        || parse_topic(topic, &read_direction, &read_product, &length, &read_device) != NULL)
        return "invalid-topic";
    checked(cJSON_AddStringToObject(ok, "topic", topic));
    return NULL;
}

static const char *topic_parse(const cJSON *request, cJSON *ok)
{
    const char *direction, *product, *device;
    char product_id[11] = { 0 };
    size_t length;
    const char *code = parse_topic(string(request, "topic"), &direction, &product, &length, &device);
    if (code != NULL)
        return code;
    memcpy(product_id, product, length);
    checked(cJSON_AddStringToObject(ok, "direction", direction));
    checked(cJSON_AddStringToObject(ok, "product_id", product_id));
    checked(cJSON_AddStringToObject(ok, "device_name", device));
    return NULL;
}

static const char *content_md5_encode(const cJSON *request, cJSON *ok)
{
    char content_md5[25];
    const char *code = content_md5_of(string(request, "md5sum"), content_md5);
    if (code == NULL)
        checked(cJSON_AddStringToObject(ok, "content_md5", content_md5));
    return code;
}

static const char *content_md5_decode(const cJSON *request, cJSON *ok)
{
    char md5sum[33];
    const char *code = md5sum_of(string(request, "content_md5"), md5sum);
    if (code == NULL)
        checked(cJSON_AddStringToObject(ok, "md5sum", md5sum));
    return code;
}

static const struct { const char *op; const char *(*run)(const cJSON *request, cJSON *ok); } OPERATIONS[] = {
    { "hello", hello },
    { "decode", decode },
    { "topic_format", topic_format },
    { "topic_parse", topic_parse },
    { "content_md5_encode", content_md5_encode },
    { "content_md5_decode", content_md5_decode },
};
#define COUNT (sizeof OPERATIONS / sizeof *OPERATIONS)

static const char *hello(const cJSON *request, cJSON *ok)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(request, "version");
    cJSON *list;
    size_t at;
    if (!cJSON_IsNumber(version) || version->valuedouble != 1)
        return UNSUPPORTED;
    checked(cJSON_AddStringToObject(ok, "name", "c-example"));
    checked(cJSON_AddStringToObject(ok, "version", "1.0.0"));
    list = checked(cJSON_AddArrayToObject(ok, "ops"));
    for (at = 1; at < COUNT; at++)
        cJSON_AddItemToArray(list, checked(cJSON_CreateString(OPERATIONS[at].op)));
    cJSON_AddItemToArray(checked(cJSON_AddArrayToObject(ok, "profiles")), checked(cJSON_CreateString("documented")));
    return NULL;
}

/* --- Standard input and output ----------------------------------------------------------------------------------- */

static const char *run(const cJSON *request, cJSON *ok)
{
    const char *op = string(request, "op");
    size_t at;
    for (at = 0; at < COUNT; at++)
        if (strcmp(op, OPERATIONS[at].op) == 0)
            return OPERATIONS[at].run(request, ok);
    return *op != '\0' ? UNSUPPORTED : SENSELESS;
}

/* Prints one line as the answer to a line. Every line gets an answer, even a malformed one. */
static void answer(unsigned char *line, size_t length)
{
    struct text text = { line, line + length, "", 0, 0 };
    const char *code;
    cJSON *request = read_json(&text, &code), *ok = checked(cJSON_CreateObject());
    code = cJSON_IsObject(request) && *text.id != '\0' ? run(request, ok) : SENSELESS;
    printf("{\"id\":%s,", *text.id != '\0' ? text.id : "null");
    if (code == UNSUPPORTED) {
        printf("\"unsupported\":true}\n");
    } else if (code == SENSELESS || code == NO_CODE) {
        printf("\"err\":{\"detail\":\"%s\"}}\n", code);
    } else if (code != NULL) {
        printf("\"err\":{\"code\":\"%s\"}}\n", code);
    } else {
        char *result = checked(cJSON_PrintUnformatted(ok)), *rest = result, *nul;
        printf("\"ok\":");
        for (; (nul = strstr(rest, NUL)) != NULL; rest = nul + 2)
            printf("%.*s\\u0000", (int)(nul - rest), rest);
        printf("%s}\n", rest);
        cJSON_free(result);
    }
    fflush(stdout);
    cJSON_Delete(ok);
    cJSON_Delete(request);
}

int main(void)
{
    size_t size = 65536, length = 0;
    unsigned char *line = checked(malloc(size));
    int byte;
    while ((byte = getchar()) != EOF) {
        if (byte == '\n') {
            answer(line, length);
            length = 0;
            continue;
        }
        if (length == size)
            line = checked(realloc(line, size *= 2));
        line[length++] = (unsigned char)byte;
    }
    if (length > 0) /* a last line without a line end */
        answer(line, length);
    free(line);
    return 0;
}
