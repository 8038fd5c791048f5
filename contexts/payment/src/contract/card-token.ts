import { Matches, ValidateBy } from 'class-validator';

/** What a provider's word for a card looks like. It is never a card's number, which has digits alone. */
export const CARD_TOKEN = /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9_+/=-]{0,511}$/;

/** Digits as they are printed on cards, together or in groups. */
const PRINTED = /(?<!\d)(?:[2-6]\d{12,18}|[2-6]\d{3}(?:[_-]\d{4}){3}(?:[_-]\d{1,3})?|3\d{3}[_-]\d{6}[_-]\d{5})(?!\d)/g;

/** The field is a provider's token for a card, and neither is nor holds what may be a card's number. */
export function IsCardToken(): PropertyDecorator {
  const isToken = Matches(CARD_TOKEN, {
    message:
      "$property must be a payment provider's token, 1 to 512 letters, digits or any of _ - + / =, the first a letter or digit, not digits alone",
  });
  const isNoNumber = ValidateBy({
    name: 'isNoCardNumber',
    validator: {
      validate: (value) => typeof value !== 'string' || !holdsCardNumber(value),
      defaultMessage: () => "$property must be a payment provider's token and must not hold a card's number",
    },
  });
  return (target, field) => {
    isToken(target, field);
    isNoNumber(target, field);
  };
}

/** Whether the text is digits and separators alone, or has digits in it that make a card's number by their check digit. */
export function holdsCardNumber(text: string): boolean {
  if (/^[\d_-]+$/.test(text) && /\d/.test(text)) return true;
  return [...text.matchAll(PRINTED)].some(([digits]) => checksOut(digits.replaceAll(/\D/g, '')));
}

/** By the formula of Luhn: every second digit from the right is doubled, and all of them add up to tens. */
function checksOut(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
