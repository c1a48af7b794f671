package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"time"
)

type header struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	Key       string `json:"kid"`
}

type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	Scope    string `json:"scope"`
}

func parseKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the key is not in PEM form")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	public, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the key is not for RSA")
	}
	return public, nil
}

// verify checks signature, algorithm, audience and time of a token as a service that is handed one does.
func verify(token string, public *rsa.PublicKey) (*claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("a token has three parts")
	}
	var h header
	if err := decode(parts[0], &h); err != nil {
		return nil, err
	}
	if h.Algorithm != "RS256" {
		return nil, errors.New("only RS256 is accepted")
	}
	signature, err := unbase64(parts[2])
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	hash.Write([]byte(token[:len(parts[0])+1+len(parts[1])]))
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, hash.Sum(nil), signature); err != nil {
		return nil, err
	}
	c := new(claims)
	if err := decode(parts[1], c); err != nil {
		return nil, err
	}
	if c.Audience != "whence" || time.Now().Unix() >= c.Expires {
		return nil, errors.New("the token is for somebody else or has expired")
	}
	return c, nil
}

func decode(part string, into interface{}) error {
	text, err := unbase64(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// unbase64 puts the padding back that tokens leave out: encoding without it came with Go 1.5.
func unbase64(part string) ([]byte, error) {
	if missing := len(part) % 4; missing != 0 {
		part += "===="[missing:]
	}
	return base64.URLEncoding.DecodeString(part)
}
