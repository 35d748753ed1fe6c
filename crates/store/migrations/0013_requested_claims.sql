-- The claims about the user that an authorization request asked for one by one (OpenID Connect Core 1.0 §5.5), as far as the
-- user allowed them: userinfo and later ID tokens look them up. Null: none.
ALTER TABLE authorization_codes ADD COLUMN claims {text};

ALTER TABLE token_families ADD COLUMN claims {text};
