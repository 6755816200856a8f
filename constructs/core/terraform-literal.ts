/** `${` and `%{` made literal, for a text that goes into Terraform JSON. */
export function terraformLiteral(text: string): string {
  return text.replace(/([$%])\{/g, "$1$1{");
}

/** The inverse of {@link terraformLiteral}: the text as it arrives in the container. */
export function fromTerraformLiteral(text: string): string {
  return text.replace(/([$%])\1\{/g, "$1{");
}
