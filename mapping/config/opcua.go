package config

import (
	"errors"
	"slices"
	"strings"

	"tagbridge/mapping/source"
)

var (
	policies       = []string{"None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"}
	brokenPolicies = []string{"Basic128Rsa15", "Basic256"}
)

// opcuaKeys are the keys that only OPC UA devices have.
var opcuaKeys = []string{"mode", "security", "auth"}

const opcScheme = "opc.tcp"

// readOPCUA reads what only OPC UA devices have.
func readOPCUA(s *source.Section, dev *Device) {
	dev.Endpoint = opcuaURL(s, dev)
	dev.Endpoint.Connections = 1
	dev.OPCUA.Mode = s.OneOf("mode", poll, subscribe)
	if dev.OPCUA.Mode == subscribe {
		dev.OPCUA.Timestamps = s.OneOf("timestamps", "source", "server", bridgeTime)
	} else {
		dev.OPCUA.Timestamps = s.OneOf("timestamps", bridgeTime, "source", "server")
	}
	dev.OPCUA.Security = readSecurity(s)
	dev.OPCUA.Auth = readAuth(s)
}

func opcuaURL(s *source.Section, dev *Device) Endpoint {
	v := readURL(s)
	dev.URL = source.Secret(v.Text)
	// OPC UA devices never share a connection, so the key is the device's own.
	e := Endpoint{Transport: opcScheme}
	if dev.Name != "" {
		e.Key = "opc.tcp:" + dev.Name
	}
	if !v.OK || v.Open {
		return e
	}
	address, err := opcuaAddress(v.Text)
	if err != nil {
		v.Problemf("%v", err)
	}
	e.Address = address
	return e
}

func opcuaAddress(text string) (string, error) {
	scheme, _, found := strings.Cut(text, "://")
	if !found || !strings.EqualFold(scheme, opcScheme) {
		if other := otherAddress(scheme, "opcua"); found && other != "" {
			return "", errors.New(other + ", or write opc.tcp://host:4840")
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

func readSecurity(s *source.Section) Security {
	sub := s.Sub("security")
	sec := Security{Policy: "None", Certificate: sub.File("certificate"), Key: sub.File("key")}
	known := true
	if v := sub.Value("policy"); v.OK && !v.Open {
		switch {
		case slices.Contains(policies, v.Text):
			sec.Policy = v.Text
		case slices.Contains(brokenPolicies, v.Text):
			v.Problemf("broken and withdrawn: use Basic256Sha256 or better")
			known = false
		default:
			v.Problemf("must be %s%s", source.OrList(policies), source.DidYouMean(v.Text, policies))
			known = false
		}
	}
	if sec.Policy == "None" {
		sec.Mode = sub.OneOf("mode", "None", "Sign", "SignAndEncrypt")
	} else {
		sec.Mode = sub.OneOf("mode", "SignAndEncrypt", "Sign", "None")
	}
	for _, v := range sub.Texts("trust") {
		sec.Trust = append(sec.Trust, trusted(v))
	}
	sub.Done()
	if known {
		checkSecurity(sub, sec)
	}
	return sec
}

// trusted is one entry of the trust list: a file or folder, or the SHA-256 thumbprint of a certificate.
func trusted(v source.Value) string {
	hex := strings.Map(func(r rune) rune {
		if r == ':' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(v.Text))
	if len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == "" {
		return hex
	}
	if v.Open {
		return v.Text
	}
	path := v.Doc.Path(v.Text)
	if err := v.Doc.Readable(path); err != nil {
		v.Warnf("cannot be read: %v", err)
	}
	return path
}

func checkSecurity(s *source.Section, sec Security) {
	secure := sec.Policy != "None"
	switch {
	case secure && sec.Mode == "None":
		s.Problemf("mode", "mode: policy %s goes with Sign or SignAndEncrypt", sec.Policy)
	case !secure && sec.Mode != "None":
		s.Problemf("mode", "mode: %s needs a policy, such as Basic256Sha256", sec.Mode)
	case (sec.Certificate == "") != (sec.Key == ""):
		s.Doc.Problemf(s.At, "security needs both certificate and key")
	case secure && sec.Certificate == "":
		s.Doc.Problemf(s.At, "policy %s needs the bridge's own certificate and key (tagbridge cert create makes them)", sec.Policy)
	}
	if secure && len(sec.Trust) == 0 {
		s.Doc.Warnf(s.At, "no server certificate is trusted: name the server's under trust (tagbridge cert trust fetches it)")
	}
}

func readAuth(s *source.Section) Auth {
	sub := s.Sub("auth")
	a := Auth{
		Username: sub.Text("username", ""), Password: sub.Secret("password"),
		Certificate: sub.File("certificate"), Key: sub.File("key"),
		AllowInsecurePassword: sub.Bool("allow_insecure_password", false),
	}
	sub.Done()
	switch {
	case (a.Certificate == "") != (a.Key == ""):
		sub.Doc.Problemf(sub.At, "auth needs both certificate and key")
	case a.Username != "" && a.Certificate != "":
		sub.Doc.Problemf(sub.At, "auth is by username or by certificate, not both")
	case a.Password != "" && a.Username == "" && !sub.Value("username").Bad:
		sub.Doc.Problemf(sub.At, "auth has a password without a username")
	}
	return a
}
