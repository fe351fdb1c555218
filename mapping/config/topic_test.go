package config

import "testing"

func TestParseTopic(t *testing.T) {
	for topic, ok := range map[string]bool{
		"plant/{bridge}/{device}/{tag}":    true,
		"plant/{label.area}":               true,
		"devices/line-3/messages/events/":  true, // as Azure IoT Hub documents it
		"plant/{device}/":                  false,
		"/plant/{device}":                  false,
		"plant//{device}":                  false,
		"devices//messages/events/":        false,
		"plant/{device}/#":                 false,
		"plant/{unit}":                     false,
		"plant/{device":                    false,
		"devices/line-3/messages/events//": false,
	} {
		if _, reason := parseTopic(topic); (reason == "") != ok {
			t.Errorf("%s: %q", topic, reason)
		}
	}
}
