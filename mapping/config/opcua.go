package config

import (
	"errors"
	"slices"
	"strings"
)

var (
	policies       = []string{"None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"}
	brokenPolicies = []string{"Basic128Rsa15", "Basic256"}
)

// readOPCUA reads what only OPC UA devices have.
func readOPCUA(s *section, dev *Device) {
	dev.Endpoint = opcuaURL(s, dev)
	dev.Endpoint.Connections = 1
	dev.Mode = s.oneOf("mode", "poll", "subscribe")
	if dev.Mode == "subscribe" {
		dev.Timestamps = s.oneOf("timestamps", "source", "server", "bridge")
	} else {
		dev.Timestamps = s.oneOf("timestamps", "bridge", "source", "server")
	}
	dev.Security = readSecurity(s)
	dev.Auth = readAuth(s)
	s.foreign("devices with driver modbus", modbusKeys...)
}

func opcuaURL(s *section, dev *Device) Endpoint {
	v := readURL(s)
	dev.URL = Secret(v.text)
	// OPC UA devices never share a connection, so the key is the device's own.
	e := Endpoint{Transport: "opc.tcp"}
	if dev.Name != "" {
		e.Key = "opc.tcp:" + dev.Name
	}
	if !v.ok || v.open {
		return e
	}
	address, err := opcuaAddress(v.text)
	if err != nil {
		v.problemf("%v", err)
	}
	e.Address = address
	return e
}

func opcuaAddress(text string) (string, error) {
	scheme, _, found := strings.Cut(text, "://")
	if !found || !strings.EqualFold(scheme, "opc.tcp") {
		if _, modbus := transports[strings.ToLower(scheme)]; found && modbus {
			return "", errors.New("a Modbus address: set driver: modbus, or write opc.tcp://host:4840")
		}
		return "", errors.New("must be opc.tcp://host:4840, with the path that the server may want")
	}
	u, err := parseURL(text)
	if err != nil {
		return "", err
	}
	if u.User != nil {
		return "", errors.New("user and password belong into auth: {username, password}")
	}
	return hostPort(u, 4840)
}

func readSecurity(s *section) Security {
	sub := s.sub("security")
	sec := Security{Policy: "None", Certificate: sub.file("certificate"), Key: sub.file("key")}
	known := true
	if v := sub.value("policy"); v.ok && !v.open {
		switch {
		case slices.Contains(policies, v.text):
			sec.Policy = v.text
		case slices.Contains(brokenPolicies, v.text):
			v.problemf("broken and withdrawn: use Basic256Sha256 or better")
			known = false
		default:
			v.problemf("must be %s%s", orList(policies), DidYouMean(v.text, policies))
			known = false
		}
	}
	if sec.Policy == "None" {
		sec.Mode = sub.oneOf("mode", "None", "Sign", "SignAndEncrypt")
	} else {
		sec.Mode = sub.oneOf("mode", "SignAndEncrypt", "Sign", "None")
	}
	for _, v := range sub.texts("trust") {
		sec.Trust = append(sec.Trust, trusted(v))
	}
	sub.done()
	if known {
		checkSecurity(sub, sec)
	}
	return sec
}

// trusted is one entry of the trust list: a file or folder, or the SHA-256 thumbprint of a certificate.
func trusted(v value) string {
	hex := strings.Map(func(r rune) rune {
		if r == ':' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(v.text))
	if len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == "" {
		return hex
	}
	if v.open {
		return v.text
	}
	path := v.d.path(v.text)
	if err := v.d.readable(path); err != nil {
		v.warnf("cannot be read: %v", err)
	}
	return path
}

func checkSecurity(s *section, sec Security) {
	secure := sec.Policy != "None"
	switch {
	case secure && sec.Mode == "None":
		s.problemf("mode", "mode: policy %s goes with Sign or SignAndEncrypt", sec.Policy)
	case !secure && sec.Mode != "None":
		s.problemf("mode", "mode: %s needs a policy, such as Basic256Sha256", sec.Mode)
	case (sec.Certificate == "") != (sec.Key == ""):
		s.d.problemf(s.at, "security needs both certificate and key")
	case secure && sec.Certificate == "":
		s.d.problemf(s.at, "policy %s needs the bridge's own certificate and key (tagbridge cert create makes them)", sec.Policy)
	}
	if secure && len(sec.Trust) == 0 {
		s.d.warnf(s.at, "no server certificate is trusted: name the server's under trust (tagbridge cert trust fetches it)")
	}
}

func readAuth(s *section) Auth {
	sub := s.sub("auth")
	a := Auth{
		Username: sub.text("username", ""), Password: sub.secret("password"),
		Certificate: sub.file("certificate"), Key: sub.file("key"),
		AllowInsecurePassword: sub.bool("allow_insecure_password", false),
	}
	sub.done()
	switch {
	case (a.Certificate == "") != (a.Key == ""):
		sub.d.problemf(sub.at, "auth needs both certificate and key")
	case a.Username != "" && a.Certificate != "":
		sub.d.problemf(sub.at, "auth is by username or by certificate, not both")
	case a.Password != "" && a.Username == "" && !sub.value("username").bad:
		sub.d.problemf(sub.at, "auth has a password without a username")
	}
	return a
}
