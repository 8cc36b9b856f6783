"""Pure rules about people: roles, pseudonyms, entry tickets."""
