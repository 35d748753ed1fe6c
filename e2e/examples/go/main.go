package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	issuer := setting("ISSUER", "http://127.0.0.1:8080")
	address := "127.0.0.1:" + setting("PORT", "9801")
	app := "http://" + address

	provider, err := oidc.NewProvider(ctx, issuer)
	check(err)
	config := oauth2.Config{
		ClientID:     "demo-web",
		ClientSecret: "demo-web-secret-of-32-characters",
		Endpoint:     provider.Endpoint(),
		RedirectURL:  app + "/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
	}

	// What is remembered of a sign-in until the browser comes back: in a web application, in its session.
	verifier, state, nonce := oauth2.GenerateVerifier(), rand.Text(), rand.Text()
	listener, err := net.Listen("tcp", address)
	check(err)
	fmt.Println("Open", config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)))
	callback := waitForCallback(listener)
	if callback.Get("state") != state {
		log.Fatal("this is the answer to another request")
	}
	if callback.Has("error") {
		log.Fatal(callback.Get("error"), ": ", callback.Get("error_description"))
	}

	token, err := config.Exchange(ctx, callback.Get("code"), oauth2.VerifierOption(verifier))
	check(err)
	// Signature, issuer, audience and times; the nonce is ours to compare.
	rawIDToken, _ := token.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, rawIDToken)
	check(err)
	if idToken.Nonce != nonce {
		log.Fatal("the ID token is of another sign-in")
	}
	check(idToken.VerifyAccessToken(token.AccessToken))

	person, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	check(err)
	if person.Subject != idToken.Subject {
		log.Fatal("userinfo is about somebody else")
	}
	fmt.Println("Signed in:", person.Email, "is", person.Subject)

	// A client of this source refreshes by itself; here the access token is left out, so that it must.
	fresh, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	check(err)
	fmt.Println("Refreshed: the new access token ends in", fresh.ExpiresIn, "seconds")

	var metadata struct {
		EndSessionEndpoint string `json:"end_session_endpoint"`
	}
	check(provider.Claims(&metadata))
	end := url.Values{"id_token_hint": {rawIDToken}, "post_logout_redirect_uri": {app + "/loggedout"}}
	fmt.Println("Sign out at", metadata.EndSessionEndpoint+"?"+end.Encode())
}

// waitForCallback answers one request and returns its query.
func waitForCallback(listener net.Listener) url.Values {
	came := make(chan url.Values, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Back to the terminal.")
		came <- r.URL.Query()
	})}
	go server.Serve(listener)
	query := <-came
	check(server.Shutdown(context.Background()))
	return query
}

func setting(name, otherwise string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
