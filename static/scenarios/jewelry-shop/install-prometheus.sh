#!/bin/bash
# Applies the manifests of Prometheus in order, and waits until it is ready.
set -e

NAMESPACE=jewelry-shop

if ! command -v kubectl > /dev/null 2>&1; then
  echo "kubectl is not installed" >&2
  exit 1
fi

kubectl get namespace $NAMESPACE > /dev/null 2>&1 || kubectl create namespace $NAMESPACE

for file in prometheus-rbac prometheus-configmap prometheus-deployment prometheus-service; do
  echo "Applying $file.yaml"
  kubectl apply -f $file.yaml
done

echo "Waiting for Prometheus"
kubectl rollout status deployment/prometheus -n $NAMESPACE --timeout=120s

echo ""
echo "Prometheus is ready. To reach it from this machine:"
echo "  kubectl port-forward -n $NAMESPACE svc/prometheus 9090:9090"
