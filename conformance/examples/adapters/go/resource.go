package main

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file implements the messages, topics and digests of Tencent Cloud IoT Hub "resource management". The ids in
// comments are those of requirements in the project's specification (docs/).

const (
	documented = "documented" // only the messages on the published pages
	deployed   = "deployed"   // also the messages of the vendor's SDK and of the live service

	maxPayload = 16_384 // bytes, ENC-1
)

// refused is the code of a rejection or of a finding in the specification.
type refused string

func (code refused) Error() string { return string(code) }

// kind is a message type (MSG-1 to MSG-9).
type kind struct {
	direction    string
	keys         []string
	working      string // the state in reports before the end
	deployedOnly bool
}

var (
	task     = []string{"size", "name", "md5sum", "url"}
	report   = []string{"name", "progress"}
	response = []string{"result_code", "result_msg"}

	kinds = map[string]kind{
		"create_upload_task":           {direction: "up", keys: task[:3]},
		"create_upload_task_rsp":       {direction: "down", keys: task},
		"report_upload_progress":       {direction: "up", keys: report, working: "uploading"},
		"report_upload_progress_rsp":   {direction: "down", keys: response},
		"get_download_task":            {direction: "up"},
		"get_download_task_rsp":        {direction: "down", keys: task},
		"report_download_progress":     {direction: "up", keys: report, working: "downloading"},
		"report_download_progress_rsp": {direction: "down", keys: response},
		"download":                     {direction: "down", keys: task, deployedOnly: true},
	}
	topKeys      = []string{"type", "size", "name", "md5sum", "url", "progress", "result_code", "result_msg"}
	progressKeys = []string{"state", "percent", "result_code", "result_msg"}
)

// message has the documented keys with checked values: a string, an int64 or, for progress, a nested message.
type message map[string]any

// decodeMessage decodes a payload from the topic for direction.
func decodeMessage(payload []byte, direction, profile string) (message, error) {
	if len(payload) > maxPayload {
		return nil, refused("payload-too-large")
	}
	if !utf8.Valid(payload) {
		return nil, refused("not-utf8")
	}
	value, err := parseJSON(string(payload))
	if err != nil {
		return nil, refused("invalid-json")
	}
	return readMessage(value, direction, profile)
}

func encodeMessage(m message) ([]byte, error) {
	payload := spelling(m)
	if len(payload) > maxPayload {
		return nil, refused("payload-too-large")
	}
	return payload, nil
}

// spelling returns the message as JSON with its keys in alphabetical order, so equal messages have equal spellings.
func spelling(m message) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		panic(err) // unreachable: maps of strings and integers can always be encoded
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// readMessage checks a JSON value and returns it as a message. If direction is empty, either direction is permitted.
func readMessage(value any, direction, profile string) (message, error) {
	members, ok := value.(object)
	if !ok {
		return nil, refused("not-an-object")
	}
	fields, err := unique(members, topKeys)
	if err != nil {
		return nil, err
	}
	given, ok := fields["type"]
	if !ok {
		return nil, refused("missing-type")
	}
	name, err := readString(given)
	if err != nil {
		return nil, err
	}
	kind, ok := kinds[name]
	if !ok || kind.deployedOnly && profile != deployed {
		return nil, refused("unknown-type")
	}
	if direction != "" && direction != kind.direction {
		return nil, refused("wrong-direction")
	}
	if profile == documented {
		for key := range fields {
			if key != "type" && !contains(kind.keys, key) {
				return nil, refused("unknown-field")
			}
		}
	}
	m := message{"type": name}
	for _, key := range kind.keys {
		value, ok := fields[key]
		if !ok {
			return nil, refused("missing-field")
		}
		if key == "progress" {
			m[key], err = readProgress(value, kind, profile)
		} else {
			m[key], err = readValue(key, value, profile)
		}
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

func readProgress(value any, kind kind, profile string) (message, error) {
	members, ok := value.(object)
	if !ok {
		return nil, refused("wrong-type")
	}
	fields, err := unique(members, progressKeys)
	if err != nil {
		return nil, err
	}
	if profile == documented {
		for key := range fields {
			if !contains(progressKeys, key) {
				return nil, refused("unknown-field")
			}
		}
	}
	progress := message{}
	final := false
	for _, key := range progressKeys {
		value, ok := fields[key]
		if !ok {
			if key == "percent" && final {
				continue
			}
			return nil, refused("missing-field")
		}
		if progress[key], err = readValue(key, value, profile); err != nil {
			return nil, err
		}
		if key == "state" {
			final = profile == deployed && isFinal(progress[key])
			if !final && progress[key] != kind.working {
				return nil, refused("invalid-state")
			}
		}
	}
	return progress, nil
}

func isFinal(state any) bool { return state == "done" || state == "fail" }

// unique returns the members by key. It rejects a repeated key if the key is in vocabulary (ENC-4).
func unique(members object, vocabulary []string) (map[string]any, error) {
	fields := make(map[string]any, len(members))
	for _, member := range members {
		if !utf8.ValidString(member.key) { // ENC-8
			return nil, refused("invalid-json")
		}
		if _, twice := fields[member.key]; twice && contains(vocabulary, member.key) {
			return nil, refused("duplicate-key")
		}
		fields[member.key] = member.value
	}
	return fields, nil
}

func contains(keys []string, key string) bool {
	for _, one := range keys {
		if one == key {
			return true
		}
	}
	return false
}

var (
	namePattern   = regexp.MustCompile(`^[^\x00-\x1f\x7f]+$`)
	md5sumPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)
	// Not (?i:https?), which also accepts U+017F as an s.
	urlPattern     = regexp.MustCompile(`^[Hh][Tt][Tt][Pp][Ss]?://([!-~]*)$`)
	portPattern    = regexp.MustCompile(`:[0-9]*$`)
	integerPattern = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
)

// readValue checks the value of any key except progress and returns it.
func readValue(key string, value any, profile string) (any, error) {
	switch key {
	case "size":
		return readInteger(value, 0, 1<<53-1)
	case "percent":
		return readInteger(value, 0, 100)
	case "result_code":
		return readInteger(value, -1<<31, 1<<31-1)
	}
	text, err := readString(value)
	if err != nil {
		return nil, err
	}
	switch key {
	case "name":
		if !namePattern.MatchString(text) {
			return nil, refused("invalid-name")
		}
	case "md5sum":
		if profile == deployed {
			text = strings.ToLower(text)
		}
		if !md5sumPattern.MatchString(text) {
			return nil, refused("invalid-md5sum")
		}
	case "url":
		if !isURL(text) {
			return nil, refused("invalid-url")
		}
	}
	return text, nil
}

func readString(value any) (string, error) {
	text, ok := value.(string)
	if !ok {
		return "", refused("wrong-type")
	}
	if !utf8.ValidString(text) { // ENC-8
		return "", refused("invalid-json")
	}
	return text, nil
}

func readInteger(value any, lowest, highest int64) (any, error) {
	spelt, ok := value.(number)
	if !ok || !integerPattern.MatchString(string(spelt)) { // ENC-9
		return nil, refused("wrong-type")
	}
	integer, err := strconv.ParseInt(string(spelt), 10, 64)
	if err != nil || integer < lowest || integer > highest {
		return nil, refused("out-of-range")
	}
	return integer, nil
}

// isURL returns whether a text is a valid URL (VAL-4).
func isURL(text string) bool {
	match := urlPattern.FindStringSubmatch(text)
	if match == nil {
		return false
	}
	authority := match[1]
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	return portPattern.ReplaceAllString(host, "") != ""
}

var topicPattern = regexp.MustCompile(
	`^\$resource/(up|down)/service/([A-Za-z0-9]{1,10})/([A-Za-z0-9:_-]{1,48})$`)

// formatTopic returns the topic for these parts (TOP-1, TOP-2). It rejects parts that do not give a valid topic.
func formatTopic(direction, productID, deviceName string) (string, error) {
	topic := "$resource/" + direction + "/service/" + productID + "/" + deviceName
	_, _, _, err := parseTopic(topic)
	return topic, err
}

// parseTopic splits a topic into its variable parts (TOP-5).
func parseTopic(topic string) (direction, productID, deviceName string, err error) {
	match := topicPattern.FindStringSubmatch(topic)
	if match == nil {
		return "", "", "", refused("invalid-topic")
	}
	return match[1], match[2], match[3], nil
}

func md5sumOf(data []byte) string {
	digest := md5.Sum(data)
	return hex.EncodeToString(digest[:])
}

// contentMD5Of returns the header for a digest: the Base64 of its 16 bytes (HTTP-2).
func contentMD5Of(md5sum string) (string, error) {
	digest, err := hex.DecodeString(md5sum)
	if err != nil || !md5sumPattern.MatchString(md5sum) {
		return "", refused("invalid-md5sum")
	}
	return base64.StdEncoding.EncodeToString(digest), nil
}

func md5sumOfContentMD5(contentMD5 string) (string, error) {
	digest, err := decodeBase64(contentMD5)
	if err != nil || len(digest) != md5.Size {
		return "", refused("invalid-content-md5")
	}
	return hex.EncodeToString(digest), nil
}

// decodeBase64 accepts only canonical Base64. By default, the package skips line ends and ignores spare bits.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, base64.CorruptInputError(0)
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}
