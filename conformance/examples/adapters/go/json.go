package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding/json keeps the last of two equal keys and replaces an unpaired surrogate with U+FFFD. It rejects values with
// more than 10,000 levels, but a skipped value may have more (ENC-5). Therefore, this file has a small reader with its own
// stack.

// object is a JSON object: its members in the order of the text, including repeated keys.
type object []member

type member struct {
	key   string
	value any
}

// number is a JSON number in its original spelling.
type number string

var errJSON = errors.New("not JSON")

var (
	numberPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`)
	stringPattern = regexp.MustCompile(`^"[^"\\\x00-\x1f]*(\\(["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*)*"`)
)

// parseJSON returns the value in a text, which must be UTF-8: object, []any, string, number, bool or nil. If a string
// in the value is not UTF-8, it contained an unpaired surrogate.
func parseJSON(text string) (any, error) {
	type container struct {
		members  object
		elements []any
		isObject bool
		key      string
	}
	var around []*container // the open containers, the outermost first
	p := parser{text}
	for {
		// A value begins.
		var value any
		p.space()
		switch {
		case p.skip("{"):
			if p.space(); !p.skip("}") {
				opened := &container{isObject: true}
				if !p.key(&opened.key) {
					return nil, errJSON
				}
				around = append(around, opened)
				continue
			}
			value = object{}
		case p.skip("["):
			if p.space(); !p.skip("]") {
				around = append(around, &container{})
				continue
			}
			value = []any{}
		default:
			var ok bool
			if value, ok = p.scalar(); !ok {
				return nil, errJSON
			}
		}
		// The value is complete. The containers around it may be complete too.
		for {
			p.space()
			if len(around) == 0 {
				if p.rest != "" {
					return nil, errJSON
				}
				return value, nil
			}
			last := around[len(around)-1]
			if last.isObject {
				last.members = append(last.members, member{last.key, value})
			} else {
				last.elements = append(last.elements, value)
			}
			if p.skip(",") {
				if last.isObject && !p.key(&last.key) {
					return nil, errJSON
				}
				break
			}
			switch {
			case last.isObject && p.skip("}"):
				value = last.members
			case !last.isObject && p.skip("]"):
				value = last.elements
			default:
				return nil, errJSON
			}
			around = around[:len(around)-1]
		}
	}
}

type parser struct{ rest string }

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *parser) skip(word string) bool {
	var found bool
	p.rest, found = cutPrefix(p.rest, word)
	return found
}

// cutPrefix does the same as strings.CutPrefix, which Go 1.19 does not have.
func cutPrefix(text, prefix string) (string, bool) {
	return strings.TrimPrefix(text, prefix), strings.HasPrefix(text, prefix)
}

func (p *parser) match(pattern *regexp.Regexp) string {
	found := pattern.FindString(p.rest)
	p.rest = p.rest[len(found):]
	return found
}

func (p *parser) key(key *string) bool {
	p.space()
	token := p.match(stringPattern)
	*key = unescape(token)
	p.space()
	return token != "" && p.skip(":")
}

func (p *parser) scalar() (any, bool) {
	switch {
	case p.skip("true"):
		return true, true
	case p.skip("false"):
		return false, true
	case p.skip("null"):
		return nil, true
	case strings.HasPrefix(p.rest, `"`):
		token := p.match(stringPattern)
		return unescape(token), token != ""
	default:
		token := p.match(numberPattern)
		return number(token), token != ""
	}
}

// unescape returns the text that a string token represents.
func unescape(token string) string {
	if !strings.Contains(token, `\`) {
		return strings.Trim(token, `"`)
	}
	unit := func(digits string) rune {
		unit, _ := strconv.ParseUint(digits, 16, 16)
		return rune(unit)
	}
	var out strings.Builder
	for rest := token[1 : len(token)-1]; rest != ""; {
		if rest[0] != '\\' {
			out.WriteByte(rest[0])
			rest = rest[1:]
			continue
		}
		if at := strings.IndexByte("bfnrt", rest[1]); at >= 0 {
			out.WriteByte("\b\f\n\r\t"[at])
			rest = rest[2:]
			continue
		}
		if rest[1] != 'u' {
			out.WriteByte(rest[1])
			rest = rest[2:]
			continue
		}
		char := unit(rest[2:6])
		rest = rest[6:]
		if utf16.IsSurrogate(char) {
			pair := rune(utf8.RuneError)
			if strings.HasPrefix(rest, `\u`) {
				pair = utf16.DecodeRune(char, unit(rest[2:6]))
			}
			if pair == utf8.RuneError {
				out.WriteByte(0xFF) // unpaired: a byte that does not occur in UTF-8
				continue
			}
			char, rest = pair, rest[6:]
		}
		out.WriteRune(char)
	}
	return out.String()
}
