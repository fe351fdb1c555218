package mqtt

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tagbridge/sinks"
)

// refusal is a broker's answer that a message is not taken.
type refusal struct {
	busy   bool // it may be taken later
	reason string
}

func (r *refusal) Error() string { return "refused by the broker: " + r.reason }

// reason codes of MQTT 5 (2.4).
const (
	codeUnsupportedVersion = 0x84
	codeBadLogin           = 0x86
	codeNotAuthorized      = 0x87
	codeBusy               = 0x89
	codeIDInUse            = 0x91
	codeQuota              = 0x97
	codeError              = 0x80 // the first that is one
)

// code is how a reason code is named, what it asks for when it ends or prevents a connection, and what to do about it.
type code struct {
	name   string
	action sinks.Action
	hint   string
}

var codes = map[byte]code{
	0x80:                   {"unspecified error", sinks.Retry, ""},
	0x81:                   {"malformed packet", sinks.Retry, ""},
	0x82:                   {"protocol error", sinks.Retry, ""},
	0x83:                   {"implementation specific error", sinks.Retry, ""},
	codeUnsupportedVersion: {"unsupported protocol version", sinks.Hold, "set version: 3.1.1"},
	0x85:                   {"client identifier not valid", sinks.Hold, "set another client_id"},
	codeBadLogin:           {"bad user name or password", sinks.Hold, "check username and password"},
	codeNotAuthorized:      {"not authorized", sinks.Hold, "check username, password and what the broker allows this user"},
	0x88:                   {"server unavailable", sinks.Retry, ""},
	codeBusy:               {"server busy", sinks.Retry, ""},
	0x8A:                   {"banned", sinks.Hold, ""},
	0x8B:                   {"server shutting down", sinks.Retry, ""},
	0x8C:                   {"bad authentication method", sinks.Hold, ""},
	0x8D:                   {"keep alive timeout", sinks.Retry, ""},
	0x8E:                   {"session taken over", sinks.Hold, "another client connects with the same client_id"},
	0x90:                   {"topic name invalid", sinks.Hold, ""},
	codeIDInUse:            {"packet identifier in use", sinks.Retry, ""},
	0x93:                   {"receive maximum exceeded", sinks.Retry, ""},
	0x94:                   {"topic alias invalid", sinks.Retry, ""},
	0x95:                   {"packet too large", sinks.Hold, "set a smaller max_packet"},
	0x96:                   {"message rate too high", sinks.Retry, ""},
	codeQuota:              {"quota exceeded", sinks.Retry, ""},
	0x98:                   {"administrative action", sinks.Retry, ""},
	0x99:                   {"payload format invalid", sinks.Hold, ""},
	0x9A:                   {"retain not supported", sinks.Hold, `set retain: false and state_topic: ""`},
	0x9B:                   {"qos not supported", sinks.Hold, "set qos: 0"},
	0x9C:                   {"use another server", sinks.Hold, ""},
	0x9D:                   {"server moved", sinks.Hold, ""},
	0x9F:                   {"connection rate exceeded", sinks.Retry, ""},
	0xA0:                   {"maximum connect time", sinks.Retry, ""},
}

// maxReason is the length of a broker's text that is kept.
const maxReason = 300

// describe is a reason code with the broker's own words, if it has any, and what to do.
func describe(c byte, text string) string {
	known := codes[c]
	out := fmt.Sprintf("%s (0x%02X)", known.name, c)
	if known.name == "" {
		out = fmt.Sprintf("reason code 0x%02X", c)
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) > maxReason {
		cut := maxReason
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	if text != "" {
		out += ": " + text
	}
	if known.hint != "" {
		out += "; " + known.hint
	}
	return out
}

// refused is what the reason code of an acknowledgement says: nil for a message that was taken. Whatever else the
// broker objects to in it is about this message, as it leaves the connection alone.
func refused(c byte, text string) error {
	if c < codeError {
		return nil
	}
	return &refusal{busy: c == codeBusy || c == codeQuota || c == codeIDInUse, reason: describe(c, text)}
}

// ended is the fault of a broker that refused or ended a connection with a reason code.
func ended(what string, c byte, text string) error {
	action := sinks.Retry
	if known, ok := codes[c]; ok {
		action = known.action
	}
	return &sinks.Fault{Action: action, Err: fmt.Errorf("%s: %s", what, describe(c, text))}
}
