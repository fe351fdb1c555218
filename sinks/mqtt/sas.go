package mqtt

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// sas makes the passwords of a device of Azure IoT Hub: shared access signatures, which expire.
type sas struct {
	host, device string
	key          []byte
}

// The life of a token, and the part of it after which the next one is used: the hub ends the connection when it expires.
const (
	tokenLife  = time.Hour
	tokenRenew = tokenLife * 9 / 10
)

func newSAS(host, device, key string) (*sas, error) {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("mqtt: sas_key is not a key in base64") // the error would show a part of it
	}
	return &sas{host: host, device: device, key: raw}, nil
}

// token is a password that is good from now on for an hour, and the time by which to use the next one.
func (s *sas) token(now time.Time) (password string, renew time.Time) {
	resource := url.QueryEscape(s.host + "/devices/" + s.device)
	expiry := strconv.FormatInt(now.Add(tokenLife).Unix(), 10)
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(resource + "\n" + expiry))
	signature := url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return "SharedAccessSignature sr=" + resource + "&sig=" + signature + "&se=" + expiry, now.Add(tokenRenew)
}

// username is the name that goes with it.
func (s *sas) username() string { return s.host + "/" + s.device + "/?api-version=2021-04-12" }
