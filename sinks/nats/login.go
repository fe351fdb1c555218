package nats

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// login is the option of a connection that says who we are; nil: nobody. Its errors repeat nothing of what is secret.
func (o *Options) login() (nats.Option, error) {
	switch {
	case o.Credentials != "":
		jwt, err := nkeys.ParseDecoratedJWT([]byte(o.Credentials))
		if err != nil || jwt == "" {
			return nil, errors.New("nats: credentials are not those of a .creds file: there is no JWT in them")
		}
		pair, err := nkeys.ParseDecoratedNKey([]byte(o.Credentials))
		if err != nil {
			return nil, errors.New("nats: credentials are not those of a .creds file: there is no seed of a user in them")
		}
		return nats.UserJWT(func() (string, error) { return jwt, nil }, pair.Sign), nil
	case o.NKey != "":
		pair, err := nkeys.FromSeed([]byte(o.NKey))
		if err != nil {
			return nil, errNKey
		}
		public, err := pair.PublicKey()
		if err != nil || !nkeys.IsValidPublicUserKey(public) {
			return nil, errNKey
		}
		return nats.Nkey(public, pair.Sign), nil
	case o.Username != "":
		return nats.UserInfo(o.Username, o.Password), nil
	}
	return nil, nil
}

// errNKey is what is wrong with a seed, which is not to be shown.
var errNKey = errors.New("nats: nkey is not the seed of a user, which begins with SU")
