import { Matches } from 'class-validator';

/** What a provider's word for a card looks like. It is never a card's number, which has digits alone. */
export const CARD_TOKEN = /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** The field is a provider's token for a card. */
export function IsCardToken(): PropertyDecorator {
  return Matches(CARD_TOKEN, {
    message:
      "$property must be a payment provider's token, 1 to 128 letters, digits, underscores or dashes, not digits alone",
  });
}
