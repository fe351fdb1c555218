package config

import (
	"errors"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tagbridge/mapping/source"
)

// transports are the schemes of Modbus URLs with their default ports; 0: the port must be given.
var transports = map[string]int{
	"tcp": 502, "tls": 802, "udp": 502, "rtuovertcp": 0, "rtuoverudp": 0, "asciiovertcp": 0, "rtu": 0, "ascii": 0,
}

var transportNames = []string{"tcp", "tls", "udp", "rtuovertcp", "rtuoverudp", "asciiovertcp", "rtu", "ascii"}

func isSerial(transport string) bool { return transport == "rtu" || transport == "ascii" }

// isStream reports transports that can have several connections to one endpoint.
func isStream(transport string) bool {
	switch transport {
	case "tcp", "tls", "rtuovertcp", "asciiovertcp":
		return true
	}
	return false
}

const wantURL = "begin with the transport, such as tcp://host:502 or rtu:///dev/ttyUSB0?baud=19200"

// readURL reads the key of that name; the parts of it that may be secret are not shown.
func readURL(s *source.Section) source.Value {
	v := s.Value("url")
	v.Shown = redactURL(v.Shown)
	if !v.OK && !v.Bad {
		s.Doc.Problemf(s.At, "%s has no url", s.What)
	}
	return v
}

// modbusURL reads the URL of a Modbus device. An endpoint without a transport was reported.
func modbusURL(s *source.Section, dev *Device) Endpoint {
	v := readURL(s)
	dev.URL = source.Secret(v.Text)
	if !v.OK || v.Open {
		return Endpoint{Key: v.Shown} // what is written alike is one connection, whatever it will be
	}
	e, err := modbusEndpoint(v.Text)
	if err != nil {
		v.Problemf("%v", err)
		return Endpoint{}
	}
	return e
}

// modbusEndpoint is what a Modbus URL names. Its errors repeat nothing of the URL that could be secret.
func modbusEndpoint(text string) (Endpoint, error) {
	scheme, _, found := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	port, known := transports[scheme]
	switch {
	case !found:
		return Endpoint{}, errors.New(wantURL)
	case !known && otherAddress(scheme, "modbus") != "":
		return Endpoint{}, errors.New(otherAddress(scheme, "modbus"))
	case !known:
		return Endpoint{}, errors.New("the transport must be " + source.OrList(transportNames) + didYouMeanTransport(scheme))
	}
	u, err := parseURL(text)
	if err != nil {
		return Endpoint{}, err
	}
	if isSerial(scheme) {
		return serialEndpoint(scheme, u)
	}
	e := Endpoint{Transport: scheme}
	if e.Address, err = hostPort(u, port); err != nil {
		return Endpoint{}, err
	}
	switch {
	case u.User != nil:
		return Endpoint{}, errors.New("user and password mean nothing to Modbus")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return Endpoint{}, errors.New("nothing belongs after the port of a network address")
	}
	e.Key = scheme + "://" + e.Address
	return e, nil
}

func didYouMeanTransport(scheme string) string {
	switch source.FoldName(scheme) {
	case "modbus", "modbustcp", "modbus+tcp", "mbtcp", "http":
		return ": did you mean tcp?"
	case "serial", "modbusrtu", "rs485", "rs232", "file", "com":
		return ": did you mean rtu?"
	case "rtutcp", "tcprtu", "modbusrtutcp", "rtu+tcp", "tcp+rtu", "modbus+rtu+tcp":
		return ": did you mean rtuovertcp?"
	case "asciioverudp", "asciitcp":
		return ": did you mean asciiovertcp?"
	}
	return source.DidYouMean(scheme, transportNames)
}

// bauds are the rates that the system's serial ports have.
var bauds = []int{
	50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
	500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
}

// serialEndpoint reads rtu:///dev/ttyUSB0?baud=19200&data=8&parity=even&stop=1. The defaults are the
// specification's (serial line V1.02, 2.5.1 and 2.5.2): 19200 baud, even parity, 8 data bits for RTU, 7 for ASCII.
func serialEndpoint(scheme string, u *url.URL) (Endpoint, error) {
	if u.Host != "" || u.Path == "" || u.Path == "/" {
		return Endpoint{}, errors.New("a serial port is written with three slashes, such as " + scheme + ":///dev/ttyUSB0")
	}
	e := Endpoint{Transport: scheme, Address: u.Path, Serial: Serial{Baud: 19200, Data: 8, Stop: 1, Parity: "even"}}
	if scheme == "ascii" {
		e.Serial.Data = 7
	}
	if _, rate, found := strings.Cut(filepath.Base(u.Path), ":"); found && u.RawQuery == "" {
		if n, err := strconv.Atoi(rate); err == nil && slices.Contains(bauds, n) {
			return Endpoint{}, errors.New("the rate is written ?baud=" + rate)
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Endpoint{}, errors.New("parameters are written ?baud=19200&parity=even")
	}
	known := []string{"baud", "data", "parity", "stop"}
	for key, values := range query {
		if !slices.Contains(known, key) {
			meant := source.DidYouMean(key, known)
			if meant == "" {
				meant = ": there are " + strings.Join(known, ", ")
			}
			return Endpoint{}, errors.New("unknown parameter" + meant)
		}
		if len(values) > 1 {
			return Endpoint{}, errors.New("parameter " + key + " twice")
		}
		if err := e.Serial.set(key, values[0]); err != nil {
			return Endpoint{}, err
		}
	}
	if scheme == "rtu" && e.Serial.Data != 8 {
		return Endpoint{}, errors.New("RTU needs data=8: its frames are bytes")
	}
	e.Key = "serial:" + realPath(u.Path)
	return e, nil
}

// set takes one parameter of a serial URL.
func (s *Serial) set(key, text string) error {
	n, _ := strconv.Atoi(text)
	switch key {
	case "baud":
		if !slices.Contains(bauds, n) {
			return errors.New("baud must be a rate that serial ports have, such as 9600, 19200 or 115200")
		}
		s.Baud = n
	case "data":
		if n != 7 && n != 8 {
			return errors.New("data must be 7 or 8")
		}
		s.Data = n
	case "stop":
		if n != 1 && n != 2 {
			return errors.New("stop must be 1 or 2")
		}
		s.Stop = n
	case "parity":
		s.Parity = strings.ToLower(text)
		if !slices.Contains([]string{"none", "even", "odd"}, s.Parity) {
			return errors.New("parity must be none, even or odd")
		}
	}
	return nil
}

// realPath is path with its links resolved as far as it exists.
func realPath(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	return filepath.Clean(path)
}

// redactURL is text without user and password, without a fragment, and without parameters but for serial ports.
func redactURL(text string) string {
	start := 0
	if i := strings.Index(text, "://"); i >= 0 {
		start = i + 3
	}
	if i := strings.LastIndexByte(text[start:], '@'); i >= 0 {
		text = text[:start] + "***" + text[start+i:]
	}
	ends := "?#"
	if strings.HasPrefix(text, "rtu:") || strings.HasPrefix(text, "ascii:") {
		ends = "#"
	}
	if i := strings.IndexAny(text, ends); i >= 0 {
		text = text[:i+1] + "***"
	}
	return text
}
