// An adapter for the implementation in resource.go and session.go.
//
//	iothub-conformance run --testee ./adapter
//
// The runner writes one JSON object per line to the standard input of the adapter. It reads the answers from the
// standard output, one JSON object per line, in the same order. To test your own implementation, let the functions
// under "Operations" call your code. Remove unsupported operations from `operations`. The suite then skips their cases.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"unicode/utf8"
)

// result is the value of `ok` in an answer.
type result map[string]any

var errUnsupported = errors.New("the operation, the profile or the version is not supported")

// refusedAt is the rejection of one event in a trace.
type refusedAt struct {
	refused
	at int
}

// --- Operations ------------------------------------------------------------------------------------------------------

var operations map[string]func(request) (result, error)

func init() {
	operations = map[string]func(request) (result, error){
		"decode":             decode,
		"encode":             encode,
		"topic_format":       topicFormat,
		"topic_parse":        topicParse,
		"md5_digest":         md5Digest,
		"content_md5_encode": contentMD5Encode,
		"content_md5_decode": contentMD5Decode,
		"trace":              trace,
	}
}

func hello(r request) (result, error) {
	if r["version"] != number("1") {
		return nil, errUnsupported
	}
	var ops []string
	for op := range operations {
		ops = append(ops, op)
	}
	sort.Strings(ops)
	profiles := []string{documented, deployed}
	return result{"name": "go-example", "version": "1.0.0", "ops": ops, "profiles": profiles}, nil
}

func decode(r request) (result, error) {
	profile, err := r.profile()
	if err != nil {
		return nil, err
	}
	direction, err := r.direction()
	if err != nil {
		return nil, err
	}
	payload, err := r.base64("payload")
	if err != nil {
		return nil, err
	}
	message, err := decodeMessage(payload, direction, profile)
	return result{"message": message}, err
}

func encode(r request) (result, error) {
	profile, err := r.profile()
	if err != nil {
		return nil, err
	}
	message, err := readMessage(r["message"], "", profile)
	if err != nil {
		return nil, err
	}
	payload, err := encodeMessage(message)
	return result{"payload": payload}, err // encoding/json writes bytes as Base64
}

func topicFormat(r request) (result, error) {
	direction, err := r.direction()
	if err != nil {
		return nil, err
	}
	productID, err := r.string("product_id")
	if err != nil {
		return nil, err
	}
	deviceName, err := r.string("device_name")
	if err != nil {
		return nil, err
	}
	topic, err := formatTopic(direction, productID, deviceName)
	return result{"topic": topic}, err
}

func topicParse(r request) (result, error) {
	topic, err := r.string("topic")
	if err != nil {
		return nil, err
	}
	direction, productID, deviceName, err := parseTopic(topic)
	return result{"direction": direction, "product_id": productID, "device_name": deviceName}, err
}

func md5Digest(r request) (result, error) {
	data, err := r.base64("data")
	if err != nil {
		return nil, err
	}
	return result{"md5sum": md5sumOf(data)}, nil
}

func contentMD5Encode(r request) (result, error) {
	md5sum, err := r.string("md5sum")
	if err != nil {
		return nil, err
	}
	contentMD5, err := contentMD5Of(md5sum)
	return result{"content_md5": contentMD5}, err
}

func contentMD5Decode(r request) (result, error) {
	contentMD5, err := r.string("content_md5")
	if err != nil {
		return nil, err
	}
	md5sum, err := md5sumOfContentMD5(contentMD5)
	return result{"md5sum": md5sum}, err
}

func trace(r request) (result, error) {
	profile, err := r.profile()
	if err != nil {
		return nil, err
	}
	events, ok := r["events"].([]any)
	if !ok {
		return nil, errors.New("events is not an array")
	}
	session := newSession(profile)
	for at, event := range events {
		if err := observe(session, profile, event); err != nil {
			var code refused
			if errors.As(err, &code) {
				return nil, refusedAt{code, at}
			}
			return nil, err
		}
	}
	return result{"advice": session.advice()}, nil
}

func observe(session *session, profile string, value any) error {
	event, err := requestOf(value)
	if err != nil {
		return err
	}
	direction, err := event.direction()
	if err != nil {
		return err
	}
	dup, ok := event["dup"].(bool)
	if _, given := event["dup"]; given && !ok {
		return errors.New("dup is not a boolean")
	}
	message, err := readMessage(event["message"], direction, profile)
	if err != nil {
		return err
	}
	return session.observe(message, dup)
}

// --- Arguments of a request ------------------------------------------------------------------------------------------

type request map[string]any

func requestOf(value any) (request, error) {
	members, ok := value.(object)
	if !ok {
		return nil, errors.New("not an object")
	}
	r := request{}
	for _, member := range members {
		r[member.key] = member.value
	}
	return r, nil
}

func (r request) string(key string) (string, error) {
	text, ok := r[key].(string)
	if !ok {
		return "", fmt.Errorf("%s is not a string", key)
	}
	return text, nil
}

func (r request) base64(key string) ([]byte, error) {
	text, err := r.string(key)
	if err != nil {
		return nil, err
	}
	return decodeBase64(text)
}

func (r request) direction() (string, error) {
	direction := r["direction"]
	if direction != "up" && direction != "down" {
		return "", errors.New("direction is neither up nor down")
	}
	return direction.(string), nil
}

func (r request) profile() (string, error) {
	profile, given := r["profile"]
	if !given {
		return documented, nil
	}
	if profile != documented && profile != deployed {
		return "", errUnsupported
	}
	return profile.(string), nil
}

// --- Standard input and output ---------------------------------------------------------------------------------------

// answer returns the answer to one line. Every line gets an answer, even a malformed one.
func answer(line []byte) map[string]any {
	var r request
	id := json.RawMessage("null")
	err := errors.New("the line is not UTF-8")
	if utf8.Valid(line) {
		var value any
		if value, err = parseJSON(string(line)); err == nil {
			r, err = requestOf(value)
		}
	}
	if err == nil {
		spelt, ok := r["id"].(number)
		if ok {
			id = json.RawMessage(spelt)
		} else {
			err = errors.New("id is not a number")
		}
	}
	var ok result
	if err == nil {
		ok, err = run(r)
	}
	var code refused
	var event refusedAt
	switch {
	case err == nil:
		return map[string]any{"id": id, "ok": ok}
	case err == errUnsupported:
		return map[string]any{"id": id, "unsupported": true}
	case errors.As(err, &event):
		return map[string]any{"id": id, "err": map[string]any{"code": event.refused, "at": event.at}}
	case errors.As(err, &code):
		return map[string]any{"id": id, "err": map[string]any{"code": code}}
	default:
		return map[string]any{"id": id, "err": map[string]any{"detail": err.Error()}}
	}
}

func run(r request) (result, error) {
	op, err := r.string("op")
	if err != nil {
		return nil, err
	}
	if op == "hello" {
		return hello(r)
	}
	operation, known := operations[op]
	if !known {
		return nil, errUnsupported
	}
	return operation(r)
}

func main() {
	in := bufio.NewReader(os.Stdin) // not a Scanner, which fails at long lines
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for {
		line, end := in.ReadBytes('\n')
		line = bytes.TrimSuffix(line, []byte("\n"))
		if end == nil || len(line) > 0 {
			if err := encoder.Encode(answer(line)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		// Flush before waiting for more input.
		if in.Buffered() == 0 || end != nil {
			if err := out.Flush(); err != nil || end != nil && end != io.EOF {
				os.Exit(1)
			}
		}
		if end != nil {
			return
		}
	}
}
