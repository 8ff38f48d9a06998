export const defaultPolicyText = "portail policy 1\n";
